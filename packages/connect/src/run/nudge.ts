import type { Clock } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";

/** Wakes who waits, or who will wait next. */
export class Nudge {
  private isDue = false;
  private waiting: (() => void) | undefined;

  give(): void {
    this.isDue = true;
    this.waiting?.();
  }

  /** Resolves when one was given since the last wait, after `timeoutMs`, or when `signal` fires. */
  async wait(clock: Clock, timeoutMs: number | undefined, signal: AbortSignal): Promise<void> {
    if (!this.isDue && !signal.aborted) {
      const given = new AbortController();
      const either = AbortSignal.any([given.signal, signal]);
      this.waiting = () => given.abort();
      await sleep(clock, timeoutMs ?? Number.MAX_SAFE_INTEGER, either);
      this.waiting = undefined;
    }
    this.isDue = false;
  }
}
