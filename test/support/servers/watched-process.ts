import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

// Kills the process and removes its data when ours has died, however it died: then the pipe to its stdin closes.
const WATCHDOG = 'cat >/dev/null; kill -9 "$1"; sleep 1; [ -z "$2" ] || rm -rf "$2"';

export interface WatchedProcessOptions extends Pick<SpawnOptions, "env" | "cwd" | "uid" | "gid"> {
  /** What the process writes when it serves; absent: it is not waited for. */
  readonly readyLine?: string;
  readonly startTimeoutMs?: number;
  /** Removed when our process dies before the other. */
  readonly dataDirectory?: string;
}

/** A process that does not outlive ours. */
export interface WatchedProcess {
  readonly pid: number;
  /** Ends it; resolves when it is gone. Idempotent. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts a server; resolves when it has written its ready line. */
export async function startWatched(command: string, args: readonly string[], options: WatchedProcessOptions): Promise<WatchedProcess> {
  const { readyLine, startTimeoutMs = 90_000, dataDirectory = "", ...spawnOptions } = options;
  // in a group of its own, so that Ctrl-C in the terminal does not stop it before the test run has closed its clients
  const child = spawn(command, args, { ...spawnOptions, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const watchdog = spawn("sh", ["-c", WATCHDOG, "sh", String(child.pid), dataDirectory], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.once("exit", () => watchdog.kill("SIGKILL"));
  watchdog.unref();
  if (readyLine !== undefined) await ready(child, command, readyLine, startTimeoutMs);
  // it drains what the process goes on to write
  child.stdout.resume();
  child.stderr.resume();
  return {
    pid: child.pid ?? 0,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    },
  };
}

function ready(child: ChildProcess, command: string, line: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let last = "";
    const timer = setTimeout(() => fail("was not up in time"), timeoutMs);
    const fail = (what: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${command} ${what}, the end of what it wrote: ${last.trim()}`));
    };
    const onOutput = (chunk: Buffer): void => {
      const output = last + chunk.toString();
      last = output.slice(-2_000);
      if (!output.includes(line)) return;
      clearTimeout(timer);
      child.off("exit", onExit);
      resolve();
    };
    const onExit = (): void => fail("ended before it was up");
    child.stdout?.on("data", onOutput);
    child.stderr?.on("data", onOutput);
    child.once("exit", onExit).once("error", (error) => fail(`could not be started (${error.message})`));
  });
}
