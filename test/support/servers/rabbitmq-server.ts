import { execFile, execFileSync } from "node:child_process";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "./find-program.js";
import { freePort } from "./free-port.js";
import { startWatched, type WatchedProcess } from "./watched-process.js";

/** A RabbitMQ node, all of it on 127.0.0.1. It ends with the process at the latest, however that ends. */
export interface RabbitmqServer extends AsyncDisposable {
  /** Of the broker, as guest, without a virtual host. */
  readonly url: string;
  /** Names of empty virtual hosts that guest may do everything in. */
  readonly virtualHosts: readonly string[];
  /** Runs rabbitmqctl, in about a second. */
  control(...args: readonly string[]): Promise<string>;
  /** Ends the node in an orderly way: its clients are told. `start` brings it back with its durable queues and messages. */
  shutDown(): Promise<void>;
  /** Ends the node as a crash does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its data. Idempotent. */
  stop(): Promise<void>;
}

/** The scripts of Debian's `rabbitmq-server`: those on the PATH redirect what they write. */
const DEBIAN = ["/usr/lib/rabbitmq/bin"];
const VIRTUAL_HOSTS = Array.from({ length: 16 }, (_, index) => `test-${index}`);

/** Why `startRabbitmq` cannot work on this machine; undefined where it can. */
export function whyRabbitmqCannotStart(): string | undefined {
  for (const program of ["rabbitmq-server", "rabbitmqctl", "epmd"]) {
    if (findProgram(program, DEBIAN) === undefined) return `${program} is not on the PATH (Debian: apt-get install rabbitmq-server)`;
  }
  if (process.getuid?.() === 0 && serverUser() === undefined) return "there is no user rabbitmq to run it as";
  return undefined;
}

/** Who runs the node: `rabbitmq` where this process is root, else whoever runs this process. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const id = (flag: string): number => Number(execFileSync("id", [flag, "rabbitmq"], { stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

/** Starts a node with a port mapper of its own; up in about 7 s. */
export async function startRabbitmq(): Promise<RabbitmqServer> {
  const user = serverUser();
  const directory = await mkdtemp(join(tmpdir(), "bus-rabbitmq-"));
  const [port, distributionPort, mapperPort] = await Promise.all([freePort(), freePort(), freePort()]);
  await configure(directory);
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  const environment = {
    PATH: process.env.PATH,
    LANG: "C.UTF-8",
    HOME: directory,
    RUNNING_UNDER_SYSTEMD: "true", // the script becomes the node, instead of waiting for it as another process
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_NODENAME: `bus-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: join(directory, "data"),
    RABBITMQ_LOG_BASE: join(directory, "log"),
    RABBITMQ_LOGS: "-",
    RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, "advanced"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "plugins"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false",
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: String(mapperPort),
  };
  const owner = { ...user, cwd: directory, env: environment, dataDirectory: directory };
  const program = (name: string): string => findProgram(name, DEBIAN) ?? name;

  const mapper = await startWatched(program("epmd"), ["-port", String(mapperPort)], owner);
  let node: WatchedProcess | undefined;
  const start = async (): Promise<void> => {
    node = await startWatched(program("rabbitmq-server"), [], { ...owner, readyLine: "completed with" });
  };
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => node?.end(signal);
  const stop = async (): Promise<void> => {
    await end("SIGKILL");
    await mapper.end("SIGKILL");
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `amqp://127.0.0.1:${port}`,
    virtualHosts: VIRTUAL_HOSTS,
    async control(...args) {
      const { stdout } = await promisify(execFile)(program("rabbitmqctl"), ["-n", environment.RABBITMQ_NODENAME, "-q", ...args], owner);
      return stdout;
    },
    shutDown: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What the node has from its first moment: rabbitmqctl would take a second for each. */
async function configure(directory: string): Promise<void> {
  const definitions = {
    users: [{ name: "guest", password: "guest", tags: "administrator" }],
    vhosts: VIRTUAL_HOSTS.map((name) => ({ name })),
    permissions: VIRTUAL_HOSTS.map((vhost) => ({ user: "guest", vhost, configure: ".*", write: ".*", read: ".*" })),
  };
  const definitionsFile = join(directory, "definitions.json");
  await writeFile(definitionsFile, JSON.stringify(definitions), { mode: 0o644 });
  const settings = [
    `load_definitions = ${definitionsFile}`,
    "log.console.level = error",
    "vm_memory_high_watermark.relative = 0.9",
    "disk_free_limit.absolute = 1MB",
  ];
  await writeFile(join(directory, "rabbitmq.conf"), `${settings.join("\n")}\n`, { mode: 0o644 });
}
