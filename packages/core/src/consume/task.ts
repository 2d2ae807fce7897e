import type { EngineDelivery } from "./engine-delivery.js";
import type { Lane, Schedulable } from "./keyed-scheduler.js";
import type { HeldDelivery } from "./run-scope.js";

/** A delivery while a stage holds it. */
export class Task<In> implements Schedulable<Task<In>> {
  next: Task<In> | undefined;
  lane: Lane<Task<In>> | undefined;
  state: HeldDelivery["state"] = "waiting";
  lastError: unknown;
  /** Ends the wait between two tries early. */
  wake: (() => void) | undefined;
  private endListeners: (() => void)[] | undefined;

  constructor(
    readonly delivery: EngineDelivery<In>,
    /** In this state since. */
    public since: number,
  ) {}

  enter(state: HeldDelivery["state"], now: number): void {
    this.state = state;
    this.since = now;
  }

  onEnd(callback: () => void): void {
    this.endListeners ??= [];
    this.endListeners.push(callback);
  }

  ended(): void {
    for (const callback of this.endListeners ?? []) callback();
  }
}
