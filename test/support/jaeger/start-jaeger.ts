import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const script = fileURLToPath(new URL("../../../scripts/prepare-jaeger.sh", import.meta.url));

/** Many times the usual 0.2 s, for machines that are very busy. */
const startTimeoutMs = 60_000;

// ends it when our process has died, however it died: then the pipe to its stdin closes
const watchdog = 'cat >/dev/null; kill -9 "$1"';

/** A Jaeger that takes traces over OTLP and answers for them. */
export interface Jaeger {
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`, http/protobuf or http/json. */
  readonly otlpUrl: string;
  /** Its pages and its query API. */
  readonly url: string;
}

/** The program; built first where there is none on the PATH and none in the cache, which takes minutes and says so on stderr. */
export function prepareJaeger(): Promise<string> {
  return new Promise((resolve, reject) => {
    // what it says while it builds is for whoever waits
    const child = execFile("bash", [script], { maxBuffer: 2 ** 26 }, (error, stdout) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`no Jaeger: ${error.message.trim()}`));
    });
    child.stderr?.pipe(process.stderr);
  });
}

/** Starts a Jaeger of our own on loopback, with all traces in memory. `asyncDispose` ends it. */
export async function startJaeger(): Promise<Jaeger & AsyncDisposable> {
  const program = await prepareJaeger();
  // in a group of its own, so that Ctrl-C in the terminal does not end it before what sends to it
  const child = spawn(program, ["--config", join(folder, "jaeger.yaml")], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  const guard = spawn("sh", ["-c", watchdog, "sh", String(child.pid)], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.once("exit", () => guard.kill("SIGKILL"));
  guard.unref();
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill();
    await exited;
  };
  try {
    const addresses = await started(child.stderr, exited);
    return { ...addresses, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads from its log on which ports it listens, until it is ready. */
async function started(log: NodeJS.ReadableStream, exited: Promise<unknown>): Promise<Jaeger> {
  const lines = createInterface({ input: log });
  let url = "";
  let otlpUrl = "";
  let last = "";
  const ready = new Promise<void>((resolve) => {
    // goes on to the end of the process: nobody else empties the pipe
    lines.on("line", (line) => {
      last = line;
      const query = /"http_addr": "([^"]+)"/.exec(line)?.[1];
      const receiver = /otlpreceiver.*Starting HTTP server.*"endpoint": "([^"]+)"/.exec(line)?.[1];
      if (query !== undefined) url = `http://${query}`;
      if (receiver !== undefined) otlpUrl = `http://${receiver}`;
      if (line.includes("Everything is ready")) resolve();
    });
  });
  const failed = exited.then(() => {
    throw new Error(`Jaeger ended before it was ready: ${last}`);
  });
  const timeout = AbortSignal.timeout(startTimeoutMs);
  const late = once(timeout, "abort").then(() => {
    throw new Error(`Jaeger was not ready within ${startTimeoutMs} ms: ${last}`);
  });
  await Promise.race([ready, failed, late]);
  failed.catch(() => {});
  late.catch(() => {});
  if (url === "" || otlpUrl === "") throw new Error("Jaeger does not say where it listens; is the jaeger on the PATH a version 2?");
  return { url, otlpUrl };
}
