import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Job, PressureSample } from "./child/job.js";

/** What the processes run is built, also where the tests run sources. */
const program = new URL(import.meta.url.includes("/src/") ? "../../dist/connectors/child/main.js" : "./child/main.js", import.meta.url);

/** A process of the suite. */
export interface Child {
  /** From now on it ends as it should when it is stopped; or it has ended. */
  readonly ready: Promise<void>;
  /** How long that took; known when `ready` has resolved. What a machine needs for it that is busy with other things says how slow it is. */
  readonly startMs: () => number;
  readonly samples: readonly PressureSample[];
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it wrote to stderr. */
  readonly errors: () => string;
  stop(): void;
  kill(): void;
}

export function startChild(job: Job, execArgv: readonly string[] = []): Child {
  const flags = [...execArgv, ...(job.pressure === undefined ? [] : ["--expose-gc"])];
  const child: ChildProcess = spawn(process.execPath, [...flags, program.pathname, JSON.stringify(job)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const startedAt = performance.now();
  let startMs = 0;
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const samples: PressureSample[] = [];
  const ready = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.on("message", (message) => {
      if (message === "ready") {
        startMs = performance.now() - startedAt;
        resolve();
      } else samples.push(message as PressureSample);
    });
  });
  return {
    ready,
    startMs: () => startMs,
    samples,
    ended: once(child, "exit").then(([code, signal]) => ({ code, signal })),
    errors: () => errors,
    stop: () => child.kill("SIGTERM"),
    kill: () => child.kill("SIGKILL"),
  };
}
