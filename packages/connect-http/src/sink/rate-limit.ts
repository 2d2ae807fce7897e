import type { Clock } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";

/** Spaces calls evenly, so that there are no more than so many a second. Those that wait go in order. */
export class RateLimit {
  readonly #spacingMs: number;
  readonly #clock: Clock;
  #nextMs = 0;

  constructor(perSecond: number, clock: Clock) {
    this.#spacingMs = 1000 / perSecond;
    this.#clock = clock;
  }

  /** Resolves when the call may go; early when `signal` fires. */
  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.now();
    const atMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = atMs + this.#spacingMs;
    if (atMs > nowMs) await sleep(this.#clock, atMs - nowMs, signal);
  }
}
