import type { Clock } from "@org/bus-core";

/** What stands in for the time and the chance of the machine. */
export interface Reality {
  readonly clock: Clock;
  readonly random: () => number;
}

let reality: Reality | undefined;
const real = {
  now: Date.now,
  random: Math.random,
  performanceNow: performance.now.bind(performance),
};
const timers = new Map<number, () => void>();
let lastTimer = 0;

/**
 * Takes the machine's time and chance away from everything in this process: also from libraries that ask nobody. While no simulation runs
 * they are the real ones. Garbage collection is hidden as well: nothing can tell that an object is gone.
 *
 * To be imported before what is simulated.
 */
export function installSimulatedGlobals(): void {
  Date.now = () => reality?.clock.now() ?? real.now();
  Math.random = () => reality?.random() ?? real.random();
  performance.now = () => reality?.clock.now() ?? real.performanceNow();
  globalThis.Date = new Proxy(Date, {
    construct: (target, args: unknown[], created) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, created),
  });
  const schedule = (callback: (...args: unknown[]) => void, delayMs: unknown, args: unknown[], repeat: boolean): number => {
    const id = ++lastTimer;
    const clock = reality?.clock;
    if (clock === undefined) throw new Error("a timer was set while nothing is simulated");
    const delay = Math.max(1, Math.trunc(Number(delayMs) || 0));
    const run = () => {
      if (repeat) timers.set(id, clock.schedule(delay, run));
      else timers.delete(id);
      callback(...args);
    };
    timers.set(id, clock.schedule(delay, run));
    return id;
  };
  const clear = (id: unknown) => {
    timers.get(Number(id))?.();
    timers.delete(Number(id));
  };
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, delayMs?: number, ...args: unknown[]) => schedule(callback, delayMs, args, false),
    setInterval: (callback: () => void, delayMs?: number, ...args: unknown[]) => schedule(callback, delayMs, args, true),
    clearTimeout: clear,
    clearInterval: clear,
    FinalizationRegistry: class {
      register() {}
      unregister() {}
    },
  });
}

/** From now on `next` is the reality; undefined gives back the machine's. */
export function enterReality(next: Reality | undefined): void {
  reality = next;
  for (const cancel of timers.values()) cancel();
  timers.clear();
}
