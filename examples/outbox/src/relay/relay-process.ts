import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./main.js", import.meta.url));

/** The relay as a process that can be killed and started again. */
export class RelayProcess implements AsyncDisposable {
  readonly #name: string;
  readonly #environment: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;
  kills = 0;

  constructor(name: string, environment: Readonly<Record<string, string>>) {
    this.#name = name;
    this.#environment = { ...process.env, ...environment };
  }

  start(): void {
    this.#process = spawn(process.execPath, [program, this.#name], { env: this.#environment, stdio: ["ignore", "ignore", "inherit"] });
  }

  /** As a crash: SIGKILL, with no time to finish anything. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
    this.kills += 1;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, "exit");
    running.kill(signal);
    await exited;
  }
}
