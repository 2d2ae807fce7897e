import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { installKafka } from "@org/bus-testkit/kafka";
import type { PrintedEvent } from "./events.js";

export type ProgramFlags = Readonly<Record<string, string | number | true>>;

/** Calls back with everything that a program prints, in order. */
export type OnEvent = (event: PrintedEvent) => void;

/** A verifiable program, ours or Kafka's own, in a process of its own. */
export class Program {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #events: PrintedEvent[] = [];
  readonly #listeners = new Set<OnEvent>();
  #errors = "";

  /** Runs `producer` or `consumer` of this folder. */
  static ours(name: string, program: "producer" | "consumer", flags: ProgramFlags, onEvent: OnEvent): Program {
    // this file stands in the sources or in the build, the program in the build only
    const file = fileURLToPath(new URL(`../dist/verifiable/run-${program}.js`, import.meta.url)).replace("/dist/dist/", "/dist/");
    return new Program(name, process.execPath, [file, ...argumentsOf(flags)], onEvent);
  }

  /** Runs Kafka's `VerifiableProducer` or `VerifiableConsumer`. */
  static async java(name: string, tool: "VerifiableProducer" | "VerifiableConsumer", flags: ProgramFlags, onEvent: OnEvent): Promise<Program> {
    const args = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", await installKafka(), `org.apache.kafka.tools.${tool}`];
    return new Program(name, "java", [...args, ...argumentsOf(flags)], onEvent);
  }

  private constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
    onEvent: OnEvent,
  ) {
    this.#process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#closed = once(this.#process, "close");
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-4_000);
    });
    if (this.#process.stdout === null) throw new Error("no stdout");
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      // a process that is killed may leave half a line
      if (!line.endsWith("}")) return;
      const event = JSON.parse(line) as PrintedEvent;
      this.#events.push(event);
      onEvent(event);
      for (const listener of this.#listeners) listener(event);
    });
  }

  /** Resolves when it prints, or has printed, an event of that name; rejects when it ends before. */
  async event(name: PrintedEvent["name"]): Promise<void> {
    if (this.#events.some((event) => event.name === name)) return;
    const printed = Promise.withResolvers<void>();
    const listener: OnEvent = (event) => {
      if (event.name === name) printed.resolve();
    };
    this.#listeners.add(listener);
    try {
      await Promise.race([printed.promise, this.#closed.then(() => Promise.reject(this.#ended(`before ${name}`)))]);
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** What it has printed. */
  get events(): readonly PrintedEvent[] {
    return this.#events;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** What it said on stderr last. */
  get errors(): string {
    return this.#errors;
  }

  /** Ends it as a crash does; resolves when all that it had printed has been read. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#closed;
  }

  /** Lets it finish. @throws {Error} when it ends otherwise than it should */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#closed;
    // a JVM says with 143 that it ended in an orderly way after SIGTERM
    if (this.#process.exitCode !== 0 && this.#process.exitCode !== 143) throw this.#ended("after it was asked to");
  }

  #ended(when: string): Error {
    const { exitCode, signalCode } = this.#process;
    return new Error(`${this.name} ended with ${exitCode ?? signalCode} ${when}: ${this.#errors.trim()}`);
  }
}

const argumentsOf = (flags: ProgramFlags): string[] =>
  Object.entries(flags).flatMap(([flag, value]) => (value === true ? [`--${flag}`] : [`--${flag}`, String(value)]));
