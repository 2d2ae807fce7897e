import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BusError } from "@org/bus-core";
import { freePorts } from "../ports.js";
import { postgresPrograms, serverUser, whyPostgresCannotStart } from "./find.js";

export interface StartPostgresOptions {
  /** Settings of `postgresql.conf` that replace or join those of the launcher. @default {} */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL of this process, on 127.0.0.1. It ends with the process at the latest, however that ends. */
export interface PostgresServer extends AsyncDisposable {
  /** Of the database `postgres`, as the superuser `postgres`, without a password. */
  readonly url: string;
  /** Where its data are; those who look into it are root or who runs the server. */
  readonly dataDirectory: string;
  /** Ends the server and all its connections at once, as a crash of the machine does; resolves when it is gone. */
  crash(): Promise<void>;
  /** Starts the server after `crash`, on the same port and data; resolves when it takes connections. */
  restart(): Promise<void>;
  /** Ends the server and removes its data. Idempotent. */
  stop(): Promise<void>;
}

/** Many times the usual half second, for machines that are very busy. */
const START_TIMEOUT_MS = 60_000;

// Ends the server and removes its data when our process has died, however it died: then the pipe to its stdin closes.
const WATCHDOG = 'cat >/dev/null; kill -QUIT "$1"; sleep 1; kill -KILL "$1"; rm -rf "$2"';

/**
 * Starts a PostgreSQL that is installed on the machine: a free port, a data folder of its own, logical replication, and no care for power failures
 * (`fsync=off`). Up in about a second. As root it runs as the user `postgres`.
 *
 * @throws {BusError} `unsupported` where there is none; `transport_failed` when it does not come up
 */
export async function startPostgres({ settings = {} }: StartPostgresOptions = {}): Promise<PostgresServer> {
  const reason = whyPostgresCannotStart();
  const programs = postgresPrograms();
  if (reason !== undefined || programs === undefined) throw new BusError("unsupported", `no PostgreSQL can be started: ${reason}`);
  const user = serverUser();
  const directory = await mkdtemp(join(tmpdir(), "bus-postgres-"));
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  const dataDirectory = join(directory, "data");
  const [port = 0] = await freePorts(1);
  const environment = { ...process.env, LC_ALL: "C", TZ: "UTC" };

  const initdb = ["-D", dataDirectory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"];
  await promisify(execFile)(join(programs, "initdb"), initdb, { ...user, cwd: "/", env: environment }).catch((cause: unknown) => {
    throw new BusError("transport_failed", `the data folder ${dataDirectory} of PostgreSQL could not be made, may its user enter ${tmpdir()}?`, {
      cause,
    });
  });
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: directory,
    wal_level: "logical",
    max_replication_slots: "50",
    max_wal_senders: "50",
    max_connections: "200",
    fsync: "off",
    ...settings,
  };
  const args = ["-D", dataDirectory, "-p", String(port), ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];

  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    // in a group of its own, so that Ctrl-C in the terminal does not stop it before the test run has closed its connections
    server = spawn(join(programs, "postgres"), args, { ...user, cwd: "/", env: environment, stdio: ["ignore", "ignore", "pipe"], detached: true });
    watch(server, directory);
    await started(server, join(directory, "log"));
  };
  const crash = async (): Promise<void> => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, "exit");
    // not SIGKILL: the processes of its connections would outlive it for a while, and hold what a restart needs
    running.kill("SIGQUIT");
    await exited;
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= crash().then(() => rm(directory, { recursive: true, force: true }));
    return stopping;
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, dataDirectory, crash, restart: start, stop, [Symbol.asyncDispose]: stop };
}

function watch(server: ChildProcess, directory: string): void {
  const watchdog = spawn("sh", ["-c", WATCHDOG, "sh", String(server.pid), directory], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  server.once("exit", () => watchdog.kill("SIGKILL"));
  watchdog.unref();
}

function started(server: ChildProcess, logFile: string): Promise<void> {
  const log = createWriteStream(logFile, { flags: "a" });
  return new Promise((resolve, reject) => {
    let last = "";
    const timer = setTimeout(() => fail("was not up in time"), START_TIMEOUT_MS);
    const fail = (what: string): void => {
      clearTimeout(timer);
      server.kill("SIGKILL");
      reject(new BusError("transport_failed", `PostgreSQL ${what}, the end of its log: ${last.trim()}`));
    };
    server.stderr?.on("data", (chunk: Buffer) => {
      log.write(chunk);
      const output = last + chunk.toString();
      last = output.slice(-2_000);
      if (!output.includes("ready to accept connections")) return;
      clearTimeout(timer);
      resolve();
    });
    server.once("exit", () => fail("ended before it was up")).once("error", (error) => fail(`could not be started (${error.message})`));
    server.once("close", () => log.end());
  });
}
