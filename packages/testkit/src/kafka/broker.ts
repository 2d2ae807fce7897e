import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { promisify } from "node:util";
import { BusError } from "@org/bus-core";

export interface BrokerOptions {
  readonly classPath: string;
  readonly propertiesFile: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly heapMegabytes: number;
  readonly clusterId: string;
  /** Arguments of StorageTool beyond the usual. */
  readonly formatArguments: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** How long a broker may take to come up: many times the usual 2 s, for machines that are very busy. */
const START_TIMEOUT_MS = 90_000;

/** Compile quickly rather than well: on a busy machine a broker is up in two thirds of the time, and it does not live long. */
const QUICK_START = "-XX:TieredStopAtLevel=1";

// Kills the broker and removes its data when our process has died, however it died: then the pipe to its stdin closes.
const WATCHDOG = 'cat >/dev/null; kill -9 "$1"; sleep 1; rm -rf "$2"';

/** One broker process. It can be killed and started again on its data. */
export class Broker {
  readonly #options: BrokerOptions;
  #process: ChildProcess | undefined;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Prepares the data directory. */
  async format(): Promise<void> {
    const { classPath, clusterId, propertiesFile, formatArguments, signal } = this.#options;
    const args = [
      "-Xmx128m",
      "-XX:TieredStopAtLevel=1",
      "-cp",
      classPath,
      "kafka.tools.StorageTool",
      "format",
      "-t",
      clusterId,
      "-c",
      propertiesFile,
    ];
    await promisify(execFile)("java", [...args, ...formatArguments], { signal }).catch((error: unknown) => {
      throw new BusError("transport_failed", `could not format the storage of Kafka from ${propertiesFile}`, { cause: error });
    });
  }

  /** Resolves when the broker serves requests. */
  async start(): Promise<void> {
    const { classPath, propertiesFile, logFile, heapMegabytes, dataDirectory, signal } = this.#options;
    const args = [
      `-Xmx${heapMegabytes}m`,
      QUICK_START,
      "-Dorg.slf4j.simpleLogger.showDateTime=true",
      "-cp",
      classPath,
      "kafka.Kafka",
      propertiesFile,
    ];
    // in a group of its own, so that Ctrl-C in the terminal does not stop it before the test run has closed its clients
    const broker = spawn("java", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    this.#process = broker;
    const watchdog = spawn("sh", ["-c", WATCHDOG, "sh", String(broker.pid), dataDirectory], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    broker.once("exit", () => watchdog.kill("SIGKILL"));
    watchdog.unref();

    const log = createWriteStream(logFile, { flags: "a" });
    broker.stdout?.pipe(log, { end: false });
    broker.stderr?.pipe(log, { end: false });
    broker.once("close", () => log.end());
    await this.#started(broker, AbortSignal.any([AbortSignal.timeout(START_TIMEOUT_MS), ...(signal ? [signal] : [])]));
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
  }

  /** Ends the broker in an orderly way. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Ends the broker as a crash does. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  #started(broker: ChildProcess, signal: AbortSignal): Promise<void> {
    const { logFile } = this.#options;
    return new Promise((resolve, reject) => {
      let last = "";
      const fail = (what: string): void => {
        settle();
        broker.kill("SIGKILL");
        reject(new BusError("transport_failed", `a Kafka broker ${what}; its log is ${logFile}, the end of it: ${last.trim()}`));
      };
      const onOutput = (chunk: Buffer): void => {
        const output = last + chunk.toString();
        last = output.slice(-2_000);
        // clients that wait for the broker make it write much in the moment in which it is up: the line may be far from the end
        if (!output.includes("Kafka Server started")) return;
        settle();
        resolve();
      };
      const onExit = (): void => fail("ended before it was up");
      const onError = (error: Error): void => fail(`could not be started (${error.message})`);
      const onAbort = (): void => fail("was not up in time");
      const settle = (): void => {
        broker.stdout?.off("data", onOutput);
        broker.stderr?.off("data", onOutput);
        broker.off("exit", onExit).off("error", onError);
        signal.removeEventListener("abort", onAbort);
      };
      broker.stdout?.on("data", onOutput);
      broker.stderr?.on("data", onOutput);
      broker.on("exit", onExit).on("error", onError);
      signal.addEventListener("abort", onAbort);
    });
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const broker = this.#process;
    this.#process = undefined;
    if (broker === undefined || broker.exitCode !== null || broker.signalCode !== null) return;
    const exited = once(broker, "exit");
    broker.kill(signal);
    await exited;
  }
}
