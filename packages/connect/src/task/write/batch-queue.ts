import type { AnyContract, Clock } from "@org/bus-core";
import { engineDelivery } from "@org/bus-core/internal";
import type { ConnectRecord } from "../../record.js";
import type { SinkWriter, WriteContext, WriteOutcome } from "../../sink/sink.js";
import type { RecordDelivery } from "../step.js";
import { tellable } from "../tellable.js";
import type { TraceWrite } from "../write-tracing.js";
import { passingUnlessLasting } from "./classify.js";

/** Records that belong together: all of one key, or of one partition, in order. */
export interface WriteCall {
  readonly deliveries: readonly RecordDelivery[];
  /** @param from where the outcomes of its own begin */
  answer(outcomes: readonly WriteOutcome[], from: number): void;
}

export interface BatchLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
}

export interface BatchQueueInput {
  readonly writer: SinkWriter<unknown>;
  /** For errors. */
  readonly sink: string;
  /** Those that the connector knows. */
  readonly contracts: readonly AnyContract[];
  readonly limits: BatchLimits;
  /** Writes at once. */
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Fires when the task ends. */
  readonly signal: AbortSignal;
  /** The trace around a write. */
  readonly trace: TraceWrite;
  /** A write has ended, and nothing else is there to be written. */
  onIdle(): void;
}

class Batch {
  readonly calls: WriteCall[] = [];
  size = 0;
  bytes = 0;
  /** It has waited long enough for others. */
  due = false;
}

/** Puts records of many keys together into the batches that a sink wants, and writes so many of them at once. */
export class BatchQueue {
  private open = new Batch();
  private readonly sealed: Batch[] = [];
  private running = 0;
  private exclusive: Promise<void> | undefined;
  private cancelTimer: () => void = () => {};
  private whenStill: (() => void)[] = [];

  constructor(private readonly input: BatchQueueInput) {}

  /**
   * Writes them in one batch, with others or alone, and answers once. It calls back, for where keys are many a promise for each would cost more than the
   * rest of it.
   *
   * @param waits whether the batch may wait for others
   */
  add(call: WriteCall, { alone, waits }: { alone: boolean; waits: boolean }): void {
    const { deliveries } = call;
    const bytes = bytesOf(deliveries);
    const { maxRecords, maxBytes, maxWaitMs } = this.input.limits;
    const { open } = this;
    if (open.size > 0 && (alone || open.size + deliveries.length > maxRecords || open.bytes + bytes > maxBytes)) this.seal();
    const batch = this.open;
    batch.calls.push(call);
    batch.size += deliveries.length;
    batch.bytes += bytes;
    if (alone || batch.size >= maxRecords || batch.bytes >= maxBytes) this.seal();
    else if (!waits || maxWaitMs === 0) this.dueSoon(batch);
    else if (batch.calls.length === 1) this.cancelTimer = this.input.clock.schedule(maxWaitMs, () => this.becomeDue(batch));
    this.pump();
  }

  /** Runs `work` while nothing is written. */
  async still(work: () => Promise<void>): Promise<void> {
    while (this.exclusive !== undefined) await this.exclusive;
    let done = () => {};
    this.exclusive = new Promise((resolve) => {
      done = resolve;
    });
    if (this.running > 0) await new Promise<void>((resolve) => this.whenStill.push(resolve));
    try {
      await work();
    } finally {
      this.exclusive = undefined;
      done();
      this.pump();
    }
  }

  get isIdle(): boolean {
    return this.running === 0 && this.sealed.length === 0 && this.open.size === 0;
  }

  private becomeDue(batch: Batch): void {
    batch.due = true;
    this.pump();
  }

  /** What else comes in this turn of the event loop goes with it. */
  private dueSoon(batch: Batch): void {
    setImmediate(() => this.becomeDue(batch));
  }

  private seal(): void {
    this.cancelTimer();
    this.sealed.push(this.open);
    this.open = new Batch();
  }

  /** A batch that is due waits on, and grows, while all writes that may run are under way. When the task has ended, none begins: its outcome would not count. */
  private pump(): void {
    while (this.running < this.input.concurrency && this.exclusive === undefined && !this.input.signal.aborted) {
      if (this.sealed.length === 0 && this.open.due) this.seal();
      const batch = this.sealed.shift();
      if (batch === undefined) return;
      this.running++;
      void this.run(batch).then(() => {
        this.running--;
        if (this.running === 0) for (const resolve of this.whenStill.splice(0)) resolve();
        this.pump();
        if (this.isIdle) this.input.onIdle();
      });
    }
  }

  private async run({ calls }: Batch): Promise<void> {
    const deliveries: RecordDelivery[] = [];
    for (const call of calls) for (const delivery of call.deliveries) deliveries.push(delivery);
    const outcomes = await this.write(deliveries);
    let from = 0;
    for (const call of calls) {
      call.answer(outcomes, from);
      from += call.deliveries.length;
    }
  }

  private async write(deliveries: readonly RecordDelivery[]): Promise<readonly WriteOutcome[]> {
    const { sink, timeoutMs, clock, signal, trace } = this.input;
    const records = deliveries.map(({ value }) => value);
    const timeout = new AbortController();
    const cancelTimeout = clock.schedule(timeoutMs, () => timeout.abort());
    // what is still under way then no longer counts, and its timer would keep the process alive
    signal.addEventListener("abort", cancelTimeout, { once: true });
    try {
      const context = writeContext(deliveries, AbortSignal.any([signal, timeout.signal]));
      const contexts = deliveries.map((delivery) => delivery.context);
      const outcomes = await trace(contexts, () => this.call(records, context));
      if (outcomes.length === records.length) return outcomes;
      throw new Error(`it answered ${outcomes.length} outcomes for ${records.length} records; it must answer one for each`);
    } catch (thrown) {
      const error = passingUnlessLasting(thrown, timeout.signal.aborted ? `${sink} took longer than writeTimeoutMs ${timeoutMs}` : `${sink} failed`);
      return records.map(() => ({ status: error.retryable ? "retriable" : "rejected", error }));
    } finally {
      cancelTimeout();
      signal.removeEventListener("abort", cancelTimeout);
    }
  }

  /** What is thrown is already seen by the span around it. */
  private async call(records: readonly ConnectRecord<unknown>[], context: WriteContext): Promise<readonly WriteOutcome[]> {
    try {
      return await this.input.writer.write(records, context);
    } catch (error) {
      throw tellable(error, this.input.contracts, records);
    }
  }
}

function writeContext(deliveries: readonly RecordDelivery[], signal: AbortSignal): WriteContext {
  const [first] = deliveries;
  const attempt = deliveries.reduce((most, delivery) => Math.max(most, delivery.attempt), 1);
  return first === undefined ? { signal, attempt } : { signal, attempt, partition: { topic: first.topic, partition: first.partition } };
}

/** Of the records that they came of. */
function bytesOf(deliveries: readonly RecordDelivery[]): number {
  let bytes = 0;
  for (const delivery of deliveries) bytes += engineDelivery(delivery).origin.record.value?.byteLength ?? 0;
  return bytes;
}
