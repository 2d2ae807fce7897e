import { type AnyContract, BusError, type Clock } from "@org/bus-core";
import {
  type BatchCall,
  type BatchOutcome,
  createCallStage,
  createGatherStage,
  engineDelivery,
  type GatherStage,
  settle,
  sleep,
} from "@org/bus-core/internal";
import type { ConnectRecord } from "../../record.js";
import type { Sink, SinkWriter, WriteOutcome } from "../../sink/sink.js";
import { within } from "../close-task.js";
import type { Output } from "../output.js";
import type { RecordDelivery, Step } from "../step.js";
import { tellable } from "../tellable.js";
import { unlessAborted } from "../unless-aborted.js";
import type { TraceWrite } from "../write-tracing.js";
import { type BatchLimits, BatchQueue, type WriteCall } from "./batch-queue.js";
import { lasting, passing } from "./classify.js";
import { inOrder } from "./in-order.js";

export interface WriteOutputInput {
  readonly sink: Sink<unknown>;
  readonly writer: SinkWriter<unknown>;
  /** Those that the connector knows. */
  readonly contracts: readonly AnyContract[];
  readonly limits: BatchLimits;
  readonly flushIntervalMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether reading is held back until more is acknowledged. */
  isStarved(): boolean;
  readonly trace: TraceWrite;
  onWritten(records: number): void;
  onRetry(record: ConnectRecord<unknown>): void;
}

/** "written" or "held", of which a flush makes the former. */
type Kept = "written" | "held";
type Records = ConnectRecord<unknown>;

const WRITTEN: BatchOutcome<Kept> = { ok: true, value: "written" };
const HELD: BatchOutcome<Kept> = { ok: true, value: "held" };

/** Writes with the writer of a sink. */
export function writeOutput(input: WriteOutputInput): Output {
  return { open: () => new WriteSteps(input).step, close: () => input.writer.close() };
}

/** The steps of one run: batches, outcomes, flushes. */
class WriteSteps {
  readonly step: Step;
  private readonly queue: BatchQueue;
  private readonly held: GatherStage<Records>;
  /** What the sink has asked to wait for, since ms. */
  private readonly notBefore = new WeakMap<RecordDelivery, number>();
  /** They follow one that was tried again, one by one: nothing else of their key can come to fill a batch. */
  private readonly followers = new WeakSet<RecordDelivery>();

  /** Since that was last told. */
  private written = 0;

  constructor(private readonly input: WriteOutputInput) {
    const { sink, writer, contracts, limits, timeoutMs, clock, signal, trace, flushIntervalMs } = input;
    const queueInput = { writer, sink: sink.name, contracts, limits, concurrency: sink.concurrency ?? 1, timeoutMs, clock, signal, trace };
    this.queue = new BatchQueue({ ...queueInput, onIdle: () => this.idle() });
    this.held = createGatherStage<Records>(
      { name: `${sink.name} flush`, maxSize: Number.POSITIVE_INFINITY, maxWaitMs: flushIntervalMs },
      (held) => void this.flush(held),
    );
    this.step = sink.batching?.by === "partition" ? this.byPartition() : this.byKey();
  }

  private byKey(): Step {
    const { sink, limits } = this.input;
    const options = {
      name: sink.name,
      concurrency: Number.POSITIVE_INFINITY,
      order: "key" as const,
      keyOf: ({ value }: RecordDelivery) => value.key,
    };
    const stage = createCallStage<Records, Kept>({ ...options, maxBatch: limits.maxRecords }, this.work(false), this.emit);
    return (delivery) => stage.push(delivery);
  }

  /** What is gathered of a partition goes together into the stage, and so into one call of it. */
  private byPartition(): Step {
    const { sink, limits } = this.input;
    const options = { name: sink.name, concurrency: Number.POSITIVE_INFINITY, order: "partition" as const, maxBatch: limits.maxRecords };
    const stage = createCallStage<Records, Kept>(options, this.work(true), this.emit);
    const gathering = new Map<string, GatherStage<Records>>();
    return (delivery) => {
      const name = `${delivery.topic}[${delivery.partition}]`;
      let gather = gathering.get(name);
      if (gather === undefined) {
        gather = createGatherStage<Records>({ name: `${sink.name} batch`, maxSize: limits.maxRecords, maxWaitMs: limits.maxWaitMs }, (gathered) => {
          for (const one of gathered) stage.push(one);
        });
        gathering.set(name, gather);
      }
      gather.push(delivery);
    };
  }

  private work(alone: boolean): (call: BatchCall<Records, Kept>) => void {
    return (call) => {
      const { deliveries } = call;
      const [first] = deliveries;
      // what was asked to wait, and what follows it, comes alone
      const isAlone = deliveries.length === 1 && first !== undefined;
      const waits = !isAlone || !this.followers.has(first);
      const waitMs = isAlone ? (this.notBefore.get(first) ?? 0) - this.input.clock.now() : 0;
      const writing: WriteCall = {
        deliveries,
        answer: (outcomes, from) => call.answer(this.answers(deliveries, outcomes, from, alone)),
      };
      if (waitMs > 0) void sleep(this.input.clock, waitMs, this.input.signal).then(() => this.queue.add(writing, { alone, waits }));
      else this.queue.add(writing, { alone, waits });
    };
  }

  private readonly emit = (delivery: RecordDelivery, kept: Kept): void => {
    if (kept === "held") {
      this.held.push(delivery);
      return;
    }
    // told once for all that a write has answered
    if (this.written++ === 0) queueMicrotask(() => this.tellWritten());
    settle(delivery);
  };

  private tellWritten(): void {
    this.input.onWritten(this.written);
    this.written = 0;
  }

  private answers(
    deliveries: readonly RecordDelivery[],
    outcomes: readonly WriteOutcome[],
    from: number,
    alone: boolean,
  ): readonly (BatchOutcome<Kept> | undefined)[] {
    const answers = deliveries.map((delivery, index) => this.answer(delivery, outcomes[from + index]));
    if (answers.every(({ ok }) => ok) || (!alone && deliveries[0]?.value.key === null)) return answers;
    const ordered = inOrder(answers, (answer, index) => !answer.ok && this.isTriedAgain(deliveries[index], answer.error));
    for (const [index, delivery] of deliveries.entries()) if (ordered[index] === undefined) this.followers.add(delivery);
    return ordered;
  }

  private answer(delivery: RecordDelivery, outcome: WriteOutcome | undefined): BatchOutcome<Kept> {
    const { sink, clock, onRetry } = this.input;
    const told = (error: unknown) => tellable(error, this.input.contracts, [delivery.value]);
    switch (outcome?.status) {
      case "written":
        return WRITTEN;
      case "held":
        return HELD;
      case "retriable":
        if (outcome.retryAfterMs !== undefined) this.notBefore.set(delivery, clock.now() + outcome.retryAfterMs);
        onRetry(delivery.value);
        return { ok: false, error: passing(told(outcome.error), `${sink.name} could not write ${delivery.value.id}`) };
      default:
        return { ok: false, error: lasting(told(outcome?.error), `${sink.name} refused ${delivery.value.id}`) };
    }
  }

  private isTriedAgain(delivery: RecordDelivery | undefined, error: unknown): boolean {
    return delivery !== undefined && engineDelivery(delivery).run.failure.retryDelayMs(delivery.attempt, error) !== undefined;
  }

  /** Reading may wait for acknowledgements, and those for a flush. The outcomes of the last write arrive a moment later. */
  private idle(): void {
    setImmediate(() => {
      if (this.held.waiting > 0 && this.queue.isIdle && this.input.isStarved()) this.held.flush();
    });
  }

  private async flush(held: readonly RecordDelivery[]): Promise<void> {
    const { sink, contracts, onWritten } = this.input;
    try {
      await this.queue.still(() => this.flushInTime(held.length));
    } catch (error) {
      const [first] = held;
      const records = held.map(({ value }) => value);
      const failed: BusError = passing(tellable(error, contracts, records), `${sink.name} failed to flush`);
      if (first !== undefined) engineDelivery(first).run.stop(failed);
      for (const delivery of held) engineDelivery(delivery).release(false);
      return;
    }
    onWritten(held.length);
    for (const delivery of held) settle(delivery);
  }

  /** @throws {BusError} `handler_failed` when it has not ended in time: what was held is read again by the task that begins anew */
  private async flushInTime(held: number): Promise<void> {
    const { writer, signal, sink, clock, timeoutMs } = this.input;
    const timeout = new AbortController();
    const flushed = (async () => await writer.flush?.({ signal: AbortSignal.any([signal, timeout.signal]), attempt: 1 }))();
    const isInTime = await within(clock, timeoutMs, unlessAborted(signal, flushed));
    if (signal.aborted) throw new BusError("aborted", `the task ended while ${sink.name} was flushing`);
    if (isInTime) return;
    timeout.abort();
    const text = `a flush took longer than writeTimeoutMs ${timeoutMs}: the ${held} records that ${sink.name} held are not acknowledged, and are read again`;
    throw new BusError("handler_failed", text, { retryable: true });
  }
}
