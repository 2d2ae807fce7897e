import type { StageTimes } from "../../context/process-span.js";
import type { EngineDelivery } from "../delivery/engine-delivery.js";
import type { HeldDelivery } from "../run/run-scope.js";
import type { Lane, Schedulable } from "./keyed-scheduler.js";

export const noTimes: Omit<StageTimes, "stage"> = { batchMs: 0, keyMs: 0, slotMs: 0, handlerMs: 0, retryMs: 0, deadLetterMs: 0 };

/** A delivery while a stage holds it. */
export class Task<In> implements Schedulable<Task<In>> {
  next: Task<In> | undefined;
  lane: Lane<Task<In>> | undefined;
  state: HeldDelivery["state"] = "waiting";
  /** Nothing of its key is before it since; undefined while something is. */
  eligibleSince: number | undefined;
  lastError: unknown;
  /** When the wait between two tries is over. */
  dueAt: number | undefined;
  /** Ends the wait between two tries early. */
  wake: (() => void) | undefined;
  private endListeners: (() => void)[] | undefined;
  private keyMs = 0;
  private slotMs = 0;
  private handlerMs = 0;
  private retryMs = 0;
  private deadLetterMs = 0;

  constructor(
    readonly delivery: EngineDelivery<In>,
    /** In this state since. */
    public since: number,
    /** Of the stage: `mapKeyed(assess)`. */
    readonly stage: string,
  ) {}

  enter(state: HeldDelivery["state"], now: number): void {
    this.count(now);
    this.state = state;
    this.since = now;
  }

  /** Tells the spans of the delivery where its time went. It is done here, and has neither been passed on nor settled. */
  tellSpans(): void {
    const { delivery, stage } = this;
    if (!delivery.isTraced) return;
    this.enter(this.state, delivery.run.clock.now());
    const { keyMs, slotMs, handlerMs, retryMs, deadLetterMs } = this;
    for (const origin of delivery.origins) origin.passed({ stage, batchMs: 0, keyMs, slotMs, handlerMs, retryMs, deadLetterMs });
  }

  onEnd(callback: () => void): void {
    this.endListeners ??= [];
    this.endListeners.push(callback);
  }

  ended(): void {
    for (const callback of this.endListeners ?? []) callback();
  }

  private count(now: number): void {
    const ms = now - this.since;
    if (this.state === "waiting") {
      this.slotMs = this.eligibleSince === undefined ? 0 : now - this.eligibleSince;
      this.keyMs = ms - this.slotMs;
    } else if (this.state === "backoff") this.retryMs += ms;
    else if (this.state === "deadLetter") this.deadLetterMs += ms;
    else this.handlerMs += ms;
  }
}
