import type { Clock } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";

const FIRST_MS = 50;
const MOST_MS = 5_000;

/** How long to wait before something is tried again: doubling, with jitter so that clients do not come back together. */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: () => number;

  /** @param random numbers from 0 to 1, for the jitter */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Before try number `attempt` (from 0) is repeated. */
  delayMs(attempt: number): number {
    return Math.min(MOST_MS, FIRST_MS * 2 ** attempt) * (0.5 + this.#random() / 2);
  }

  /** Resolves after that time, or early (without an error) when `signal` fires. */
  wait(attempt: number, signal?: AbortSignal): Promise<void> {
    return sleep(this.#clock, this.delayMs(attempt), signal);
  }
}
