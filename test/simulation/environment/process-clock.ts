import type { Clock } from "@org/bus-core";

/** The time of one simulated process: the common one, but its timers end with the process. */
export class ProcessClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<() => void>();
  #alive = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly now = (): number => this.#clock.now();

  readonly schedule = (delayMs: number, callback: () => void): (() => void) => {
    if (!this.#alive) return () => {};
    const cancelTimer = this.#clock.schedule(delayMs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    const cancel = () => {
      this.#timers.delete(cancel);
      cancelTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  };

  /** `kill -9`: nothing that waits for time goes on. */
  kill(): void {
    this.#alive = false;
    for (const cancel of [...this.#timers]) cancel();
  }
}
