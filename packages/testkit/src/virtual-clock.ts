import type { Clock } from "@org/bus-core";

/** Time that a test moves. Timers run in the order of their due times. */
export interface VirtualClock extends Clock {
  /** Timers that are set. */
  readonly pending: number;
  /** Moves on by `durationMs`: runs every timer that is due until then, and all promise callbacks that follow from each before the next. */
  advance(durationMs: number): Promise<void>;
  /**
   * Runs timer after timer until none is set.
   *
   * @param options.limitMs virtual time after which it gives up, since timers that set themselves anew never end. @default one hour
   * @throws {Error} past the limit
   */
  runUntilIdle(options?: { readonly limitMs?: number }): Promise<void>;
  /** Runs timer after timer until `promise` settles, and is what it is. @throws {Error} past `limitMs`, or when no timer is left and it still waits */
  runUntilSettled<T>(promise: Promise<T>, options?: { readonly limitMs?: number }): Promise<T>;
}

export interface VirtualClockOptions {
  /** Milliseconds since the epoch at the beginning. @default 2024-01-01T00:00:00Z */
  readonly startMs?: number;
  /** Draws the order of timers that are due at the same time: numbers from 0 to below 1. @default the order in which they were set */
  readonly random?: () => number;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

const hourMs = 3_600_000;

/**
 * A clock for tests in which time stands still until it is moved. Give it to `createBus` and `memory` together: then a run depends on
 * nothing but the test and the seed.
 */
export function virtualClock({ startMs = Date.UTC(2024, 0, 1), random }: VirtualClockOptions = {}): VirtualClock {
  let nowMs = startMs;
  // in the order in which they run
  const timers: Timer[] = [];

  const runNext = async (untilMs: number): Promise<boolean> => {
    await promiseCallbacks();
    const next = timers[0];
    if (next === undefined || next.dueMs > untilMs) return false;
    timers.shift();
    nowMs = Math.max(nowMs, next.dueMs);
    next.callback();
    await promiseCallbacks();
    return true;
  };

  const clock: VirtualClock = {
    // whole milliseconds, as those of the machine
    now: () => Math.floor(nowMs),
    get pending() {
      return timers.length;
    },
    schedule(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), callback };
      const last = timers.findLastIndex((other) => other.dueMs <= timer.dueMs);
      const first = random === undefined ? last : timers.findLastIndex((other) => other.dueMs < timer.dueMs);
      const at = 1 + first + (first === last || random === undefined ? 0 : Math.floor(random() * (last - first + 1)));
      timers.splice(at, 0, timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    async advance(durationMs) {
      const untilMs = nowMs + durationMs;
      while (await runNext(untilMs));
      nowMs = untilMs;
    },
    async runUntilIdle({ limitMs = hourMs } = {}) {
      const untilMs = nowMs + limitMs;
      while (await runNext(untilMs));
      if (timers.length > 0) throw new Error(`timers were still being set after ${limitMs} ms of virtual time: close what repeats, or raise limitMs`);
    },
    async runUntilSettled(promise, { limitMs = hourMs } = {}) {
      const untilMs = nowMs + limitMs;
      let settled = false;
      const settle = () => {
        settled = true;
      };
      promise.then(settle, settle);
      await promiseCallbacks();
      while (!settled) {
        if (await runNext(untilMs)) continue;
        // a callback of the last round may have settled it
        if (settled) break;
        const reason = timers.length > 0 ? `in ${limitMs} ms of virtual time: raise limitMs` : "and no timer is left: it waits for something else";
        throw new Error(`the promise did not settle ${reason}`);
      }
      return promise;
    },
  };
  return clock;
}

/** Resolves when every promise callback that can run has run: the event loop turns only then. */
function promiseCallbacks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
