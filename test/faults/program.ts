import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PrintedEvent } from "../verifiable/events.js";

/** One of the verifiable programs, in a process of its own. */
export class Program {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #events: PrintedEvent[] = [];
  readonly #listeners = new Set<(event: PrintedEvent) => void>();
  #errors = "";

  /** @param onEvent called with everything that it prints, in order */
  constructor(
    readonly name: string,
    program: "producer" | "consumer",
    flags: Readonly<Record<string, string | number | true>>,
    onEvent: (event: PrintedEvent) => void,
  ) {
    const file = fileURLToPath(new URL(`../dist/verifiable/run-${program}.js`, import.meta.url).href.replace("/dist/dist/", "/dist/"));
    const args = Object.entries(flags).flatMap(([flag, value]) => (value === true ? [`--${flag}`] : [`--${flag}`, String(value)]));
    this.#process = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "pipe"] });
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
    const listener = (event: PrintedEvent): void => {
      if (event.name === name) printed.resolve();
    };
    this.#listeners.add(listener);
    try {
      await Promise.race([printed.promise, this.#closed.then(() => Promise.reject(this.#ended(`before ${name}`)))]);
    } finally {
      this.#listeners.delete(listener);
    }
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
    if (this.#process.exitCode !== 0) throw this.#ended("after it was asked to");
  }

  #ended(when: string): Error {
    const { exitCode, signalCode } = this.#process;
    return new Error(`${this.name} ended with ${exitCode ?? signalCode} ${when}: ${this.#errors.trim()}`);
  }
}
