import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StepEvent } from "./step-events.js";

const program = fileURLToPath(new URL("../dist/programs/handle-steps.js", import.meta.url));

/** A run of `programs/handle-steps.ts` in a process of its own. */
export interface StepHandler {
  /** What it has reported, in order. */
  readonly events: readonly StepEvent[];
  /** Resolves when `done` says so of a report, or rejects when the process ends before. */
  until(done: (event: StepEvent) => boolean): Promise<void>;
  /** Ends it at once (SIGKILL); resolves when all that it had printed has been read. */
  kill(): Promise<void>;
  /** Lets it finish and commit; resolves with its exit code. */
  close(): Promise<number | null>;
}

export function startStepHandler(brokers: readonly string[], group: string, from: Date): StepHandler {
  const child: ChildProcess = spawn(process.execPath, [program, brokers.join(","), group, from.toISOString()], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("no stdout");
  const events: StepEvent[] = [];
  const listeners = new Set<(event: StepEvent) => void>();
  const exit = once(child, "close");
  createInterface({ input: child.stdout }).on("line", (line) => {
    // a process that is killed may leave half a line
    if (!line.endsWith("}")) return;
    const event = JSON.parse(line) as StepEvent;
    events.push(event);
    for (const listener of listeners) listener(event);
  });
  return {
    events,
    until: (done) =>
      new Promise((resolve, reject) => {
        const listener = (event: StepEvent) => {
          if (!done(event)) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
        exit.then(([code, signal]) => reject(new Error(`handle-steps ended early with ${code ?? signal}`)), reject);
      }),
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
    async close() {
      child.stdin?.end();
      const [code] = (await exit) as [number | null];
      return code;
    },
  };
}
