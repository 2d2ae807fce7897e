import type { Context } from "@opentelemetry/api";
import type { ProcessSpan, StageTimes } from "../../context/process-span.js";
import type { AnyContract } from "../../contract/contract.js";
import { keyIsSensitive } from "../../contract/sensitive-key.js";
import type { IncomingRecord, OutgoingRecord } from "../../transport/record.js";
import { Outputs } from "../exactly-once/outputs.js";
import type { PartitionWork } from "../partition/partition-work.js";
import type { RunScope } from "../run/run-scope.js";
import { displayKey, keyIdentity } from "../stage/key-identity.js";
import { Settlement } from "./settlement.js";

/** One received record: what all deliveries that came of it share. Its end settles the offset. */
export class Origin extends Settlement {
  private span: ProcessSpan | undefined;
  private abort: AbortController | undefined;
  private identity: string | null | undefined;
  private failure: unknown;
  private deadLetter: Promise<void> | undefined;
  private outputs: Outputs | undefined;
  /** Work has begun that a drain waits for. */
  private begun = false;
  /** When its first handler began, for metrics; 0: it is not measured. */
  private startedAt = 0;

  constructor(
    readonly run: RunScope,
    readonly work: PartitionWork,
    readonly slot: number,
    readonly record: IncomingRecord,
    readonly contract: AnyContract,
    /** Ms since the epoch. */
    readonly receivedAt: number,
  ) {
    super();
  }

  get keyIdentity(): string | null {
    if (this.identity === undefined) this.identity = keyIdentity(this.record.key);
    return this.identity;
  }

  /** As people may read it. */
  get displayKey(): string | null {
    if (this.record.key === null) return null;
    return keyIsSensitive(this.contract) ? "(sensitive)" : displayKey(this.record.key);
  }

  /** Starts the process span at the first use: when the first handler is about to run. */
  get context(): Context {
    return this.openSpan().context;
  }

  /** Whether its span has begun and will be seen. */
  get isTraced(): boolean {
    return this.span?.isRecording === true;
  }

  get signal(): AbortSignal {
    this.abort ??= this.work.openAbort();
    return this.abort.signal;
  }

  /** Whether its work may go on: its partition is ours, or is drained of work that this is a part of. */
  get mayGoOn(): boolean {
    return this.work.state === "active" || (this.begun && this.work.state === "draining");
  }

  /** Whether work on it may start. What was received after one that was given up comes again with it, in order, and begins nothing. */
  get mayStart(): boolean {
    return this.work.state === "active" || (this.mayGoOn && this.slot < this.work.givenUpFrom);
  }

  /** Whether its partition is ours, and no drain waits. */
  get isActive(): boolean {
    return this.work.state === "active";
  }

  get isBeyondCeiling(): boolean {
    const { ceiling } = this.work;
    return ceiling !== undefined && !this.begun && this.record.offset > ceiling;
  }

  begin(): void {
    if (this.begun || this.ended) return;
    this.begun = true;
    this.work.begin();
  }

  /** A delivery that came of it is not seen to its end. */
  giveUp(): void {
    if (this.begun) this.work.giveUp(this.slot);
  }

  retried(attempt: number, error: unknown): void {
    this.openSpan().retried(attempt, error);
  }

  /** A delivery that came of it has left a place of the pipe. */
  passed(times: StageTimes): void {
    this.openSpan().passed(times);
  }

  /** What its span ends with. */
  failed(error: unknown): void {
    this.failure ??= error;
  }

  /** Exactly once: `record` is written when this is settled. */
  publish(delivery: object, record: OutgoingRecord): void {
    this.outputs ??= new Outputs();
    this.outputs.publish(delivery, record);
  }

  /**
   * Writes its dead letter by `write`, once: what else came of this record and fails later waits for the same one. Exactly once: `write` hands it to
   * `keep`, and it is written when this is settled.
   */
  deadLettered(write: (record: IncomingRecord, keep?: (letter: OutgoingRecord) => void) => Promise<void>): Promise<void> {
    this.deadLetter ??= write(this.record, this.work.outbox && ((letter) => this.keepDeadLetter(letter))).catch((error: unknown) => {
      this.deadLetter = undefined;
      throw error;
    });
    return this.deadLetter;
  }

  protected override end(settled: boolean): void {
    if (this.abort !== undefined) this.work.closeAbort(this.abort);
    this.span?.settled(this.failure);
    this.run.metrics.processed(this.record.topic, this.startedAt, this.failure);
    if (settled) this.work.settle(this.slot, this.record.offset, this.outputs);
    if (this.isTraced) this.endSpan(settled);
    if (this.begun) this.work.end();
  }

  private keepDeadLetter(letter: OutgoingRecord): void {
    this.outputs ??= new Outputs();
    this.outputs.replaceBy(letter);
  }

  private endSpan(settled: boolean): void {
    if (settled && this.work.state !== "fenced" && this.span !== undefined) this.work.spans.add(this.span, this.record.offset);
    else this.span?.end(false);
  }

  private openSpan(): ProcessSpan {
    if (this.span !== undefined) return this.span;
    this.startedAt = this.run.metrics.begin();
    this.span = this.run.tracing.startProcessSpan(this.record, {
      group: this.run.group,
      contract: this.contract,
      relation: this.run.traceRelation,
      receivedAt: this.receivedAt,
    });
    return this.span;
  }
}
