import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { trace } from "@opentelemetry/api";
import type { Delivery } from "@org/bus-core";
import type { QuakeAlert, QuakeReported } from "../gen/quakes/v1/quakes.js";
import { runIdOf } from "./run-id.js";
import { SequenceCheck } from "./sequence-check.js";

export interface ReceivedAlert {
  readonly alert: QuakeAlert;
  /** The trace that began when its quake was published. */
  readonly traceId: string | undefined;
}

/** Keeps the books of one run: what its consumers saw, whether in order, how much at once. Messages of other runs pass unseen. */
export class Watch {
  readonly runId = randomUUID();
  readonly perNetwork = new Map<string, number>();
  readonly alerts: ReceivedAlert[] = [];
  /** Tells of every change. */
  readonly changes = new EventEmitter<{ change: [] }>();
  readonly #assessed: SequenceCheck;
  readonly #counted: SequenceCheck;
  readonly #alerted: SequenceCheck;
  readonly #networksAtWork = new Set<string>();
  #processed = 0;
  #maxConcurrent = 0;
  #overlaps = 0;

  /** @param ids in the order in which they are published */
  constructor(ids: readonly string[]) {
    this.#assessed = new SequenceCheck(ids);
    this.#counted = new SequenceCheck(ids);
    this.#alerted = new SequenceCheck(ids);
  }

  /** Quakes that were assessed to the end. */
  get processed(): number {
    return this.#processed;
  }

  get counted(): number {
    return this.#counted.seen;
  }

  /** The most assessments at one time. */
  get maxConcurrent(): number {
    return this.#maxConcurrent;
  }

  get duplicates(): number {
    return this.#assessed.duplicates + this.#counted.duplicates + this.#alerted.duplicates;
  }

  /** Messages that came after a later one of their network, and assessments that ran while another of their network did. */
  get orderViolations(): number {
    return this.#assessed.violations + this.#counted.violations + this.#alerted.violations + this.#overlaps;
  }

  /** Runs the assessment of a quake and notes when it began and ended. */
  async assessing<T>(delivery: Delivery<QuakeReported>, assess: () => Promise<T>): Promise<T> {
    if (!this.#isOfThisRun(delivery)) return assess();
    const { id, network } = delivery.value;
    const isNew = delivery.attempt === 1 && this.#assessed.see(id, network);
    if (this.#networksAtWork.has(network)) this.#overlaps += 1;
    this.#networksAtWork.add(network);
    this.#maxConcurrent = Math.max(this.#maxConcurrent, this.#networksAtWork.size);
    try {
      return await assess();
    } finally {
      this.#networksAtWork.delete(network);
      if (isNew) this.#processed += 1;
      this.changes.emit("change");
    }
  }

  /** Counts a quake for its network, once: a message may come again, and whoever counts has to tell. */
  count(quake: QuakeReported, delivery: Delivery<unknown>): void {
    if (!this.#isOfThisRun(delivery) || !this.#counted.see(quake.id, quake.network)) return;
    this.perNetwork.set(quake.network, (this.perNetwork.get(quake.network) ?? 0) + 1);
    this.changes.emit("change");
  }

  /** Keeps an alert, once. */
  alert(alert: QuakeAlert, delivery: Delivery<unknown>): void {
    if (!this.#isOfThisRun(delivery) || !this.#alerted.see(alert.id, alert.network)) return;
    this.alerts.push({ alert, traceId: trace.getSpanContext(delivery.context)?.traceId });
    this.changes.emit("change");
  }

  #isOfThisRun(delivery: Delivery<unknown>): boolean {
    return runIdOf(delivery) === this.runId;
  }
}
