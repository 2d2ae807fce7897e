import type { Expectation } from "./expectation.js";
import type { Watch } from "./watch.js";

export interface WaitOptions {
  /** Gives up when nothing has changed for so long. */
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Resolves when all that is expected has been seen, and also when it will not be: when all stands still, or `signal` fires. */
export function whenComplete(watch: Watch, expected: Expectation, { stallTimeoutMs, signal }: WaitOptions): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(stalled);
      watch.changes.off("change", onChange);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const onChange = () => {
      stalled.refresh();
      if (watch.processed >= expected.quakes && watch.counted >= expected.quakes && watch.alerts.length >= expected.alerts) finish();
    };
    const stalled = setTimeout(finish, stallTimeoutMs);
    watch.changes.on("change", onChange);
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
    else onChange();
  });
}
