import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { findProgram, tellMissing } from "./find-program.js";
import { freePort } from "./free-port.js";
import { startWatched, type WatchedProcess } from "./watched-process.js";

/** A Redis of this test file, on 127.0.0.1, empty. It ends with the process at the latest, however that ends. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Ends it as a crash does, and starts it again on its port: with its data where it was started with `persistent`, without where not. */
  restart(): Promise<void>;
  /** Ends it as a crash does. `start` brings it back. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Lets it neither answer nor end its connections, as a network that drops all packets does. `kill` ends it all the same. */
  freeze(): void;
  stop(): Promise<void>;
}

export interface StartRedisOptions {
  /** Writes every command to the disk before it answers. @default false */
  readonly persistent?: boolean;
  /** More of `redis.conf`: `["--maxmemory", "3mb"]`. */
  readonly settings?: readonly string[];
  /** The port of a master: then it is a sentinel that watches it, under the name `main`. */
  readonly sentinelOf?: number;
}

/** Whether tests may call `startRedis`. Says loudly where they may not, and throws when CI=true. */
export function canStartRedis(): boolean {
  if (findProgram("redis-server") !== undefined) return true;
  const reason = "redis-server is not on the PATH (Debian: apt-get install redis-server)";
  if (process.env.CI === "true") throw new Error(`this test file needs Redis, and CI=true: ${reason}`);
  tellMissing("Redis", reason, "REDIS_URL");
  return false;
}

/** Up in about 50 ms, so each test file has one of its own. */
export async function startRedis({ persistent = false, settings = [], sentinelOf }: StartRedisOptions = {}): Promise<RedisServer> {
  const program = findProgram("redis-server") ?? "redis-server";
  const directory = await mkdtemp(join(tmpdir(), "bus-redis-"));
  const port = await freePort();
  const durability = persistent ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "", ...durability, ...settings];
  let server: WatchedProcess | undefined;
  const start = async (): Promise<void> => {
    if (sentinelOf === undefined) {
      server = await startWatched(program, args, { readyLine: "Ready to accept connections", dataDirectory: directory });
      return;
    }
    const file = join(directory, "sentinel.conf");
    await writeFile(file, `port ${port}\nbind 127.0.0.1\ndir ${directory}\nsentinel monitor main 127.0.0.1 ${sentinelOf} 1\n`);
    server = await startWatched(program, [file, "--sentinel"], { readyLine: "+monitor", dataDirectory: directory });
  };
  const kill = async (): Promise<void> => server?.end("SIGKILL");
  const stop = async (): Promise<void> => {
    await kill();
    await rm(directory, { recursive: true, force: true });
  };
  await start();
  const restart = async (): Promise<void> => {
    await kill();
    await start();
  };
  const freeze = (): void => {
    if (server !== undefined) process.kill(server.pid, "SIGSTOP");
  };
  return { url: `redis://127.0.0.1:${port}`, restart, kill, start, freeze, stop, [Symbol.asyncDispose]: stop };
}

/** A Redis that this test file may use under keys of its own: what `REDIS_URL` names where that is set, else one of its own. */
export async function redisForTests(): Promise<{ readonly available: boolean; readonly url: string }> {
  if (process.env.REDIS_URL !== undefined) return { available: true, url: process.env.REDIS_URL };
  if (!canStartRedis()) return { available: false, url: "" };
  const server = await startRedis();
  afterAll(() => server.stop());
  return { available: true, url: server.url };
}
