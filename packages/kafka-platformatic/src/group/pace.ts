import type { Clock } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { ConsumerTuning } from "../options/options.js";

/** How often a member says that it is alive: often enough that a rebalance begins soon. */
export function heartbeatIntervalMs({ sessionTimeoutMs }: ConsumerTuning): number {
  return Math.min(3_000, sessionTimeoutMs / 10);
}

/** A wait that can be cut short, also before it begins. */
export class Pause {
  readonly #clock: Clock;
  #wanted = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async sleep(delayMs: number): Promise<void> {
    await sleep(this.#clock, delayMs, this.#wanted.signal);
    if (this.#wanted.signal.aborted) this.#wanted = new AbortController();
  }

  /** Ends the wait that is under way, or else the next one. */
  cut(): void {
    this.#wanted.abort();
  }
}
