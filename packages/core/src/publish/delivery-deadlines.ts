import type { Clock } from "../clock.js";

/** One timer for the delivery timeouts of all messages, set to the earliest; there is none while nothing waits. */
export class DeliveryDeadlines {
  readonly #clock: Clock;
  /** Fails what is over and returns the earliest deadline that is left, `Infinity` for none. */
  readonly #expire: (now: number) => number;
  #earliest = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, expire: (now: number) => number) {
    this.#clock = clock;
    this.#expire = expire;
  }

  watch(deadline: number): void {
    if (deadline < this.#earliest) this.#schedule(deadline);
  }

  /** Nothing waits any more. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#earliest = Number.POSITIVE_INFINITY;
  }

  #schedule(deadline: number): void {
    this.clear();
    this.#earliest = deadline;
    this.#cancel = this.#clock.schedule(Math.max(0, deadline - this.#clock.now()), () => {
      this.clear();
      const next = this.#expire(this.#clock.now());
      if (next < this.#earliest) this.#schedule(next);
    });
  }
}
