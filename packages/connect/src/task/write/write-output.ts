import type { Context } from "@opentelemetry/api";
import type { BusError, Clock } from "@org/bus-core";
import {
  type BatchOutcome,
  type BatchStageWork,
  createBatchStage,
  createGatherStage,
  engineDelivery,
  type GatherStage,
  settle,
  sleep,
} from "@org/bus-core/internal";
import type { ConnectRecord } from "../../record.js";
import type { Sink, SinkWriter, WriteOutcome } from "../../sink/sink.js";
import type { Output } from "../output.js";
import type { RecordDelivery, Step } from "../step.js";
import { type BatchLimits, BatchQueue } from "./batch-queue.js";
import { lasting, passing } from "./classify.js";
import { inOrder } from "./in-order.js";

export interface WriteOutputInput {
  readonly sink: Sink<unknown>;
  readonly writer: SinkWriter<unknown>;
  readonly limits: BatchLimits;
  readonly flushIntervalMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether reading is held back until more is acknowledged. */
  isStarved(): boolean;
  trace<T>(contexts: readonly Context[], write: () => Promise<T>): Promise<T>;
  onWritten(records: readonly ConnectRecord<unknown>[]): void;
  onRetry(record: ConnectRecord<unknown>): void;
}

/** "written" or "held", of which a flush makes the former. */
type Kept = "written" | "held";
type Records = ConnectRecord<unknown>;

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

  constructor(private readonly input: WriteOutputInput) {
    const { sink, writer, limits, timeoutMs, clock, signal, trace, flushIntervalMs } = input;
    const queueInput = { writer, sink: sink.name, limits, concurrency: sink.concurrency ?? 1, timeoutMs, clock, signal, trace };
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
    const stage = createBatchStage<Records, Kept>({ ...options, maxBatch: limits.maxRecords }, this.work(false), this.emit);
    return (delivery) => stage.push(delivery);
  }

  /** What is gathered of a partition goes together into the stage, and so into one call of it. */
  private byPartition(): Step {
    const { sink, limits } = this.input;
    const options = { name: sink.name, concurrency: Number.POSITIVE_INFINITY, order: "partition" as const, maxBatch: limits.maxRecords };
    const stage = createBatchStage<Records, Kept>(options, this.work(true), this.emit);
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

  private work(alone: boolean): BatchStageWork<Records, Kept> {
    return async (deliveries) => {
      await this.wait(deliveries);
      const waits = !deliveries.some((delivery) => this.followers.has(delivery));
      const outcomes = await this.queue.add(deliveries, { alone, waits });
      const answers = deliveries.map((delivery, index) => this.answer(delivery, outcomes[index]));
      const [first] = deliveries;
      if (!alone && first?.value.key === null) return answers;
      const ordered = inOrder(answers, (answer, index) => !answer.ok && this.isTriedAgain(deliveries[index], answer.error));
      for (const [index, delivery] of deliveries.entries()) if (ordered[index] === undefined) this.followers.add(delivery);
      return ordered;
    };
  }

  private readonly emit = (delivery: RecordDelivery, kept: Kept): void => {
    if (kept === "held") {
      this.held.push(delivery);
      return;
    }
    this.input.onWritten([delivery.value]);
    settle(delivery);
  };

  private answer(delivery: RecordDelivery, outcome: WriteOutcome | undefined): BatchOutcome<Kept> {
    const { sink, clock, onRetry } = this.input;
    switch (outcome?.status) {
      case "written":
      case "held":
        return { ok: true, value: outcome.status };
      case "retriable":
        if (outcome.retryAfterMs !== undefined) this.notBefore.set(delivery, clock.now() + outcome.retryAfterMs);
        onRetry(delivery.value);
        return { ok: false, error: passing(outcome.error, `${sink.name} could not write ${delivery.value.id}`) };
      default:
        return { ok: false, error: lasting(outcome?.error, `${sink.name} refused ${delivery.value.id}`) };
    }
  }

  private isTriedAgain(delivery: RecordDelivery | undefined, error: unknown): boolean {
    return delivery !== undefined && engineDelivery(delivery).run.failure.retryDelayMs(delivery.attempt, error) !== undefined;
  }

  private async wait(deliveries: readonly RecordDelivery[]): Promise<void> {
    const { clock, signal } = this.input;
    const until = Math.max(...deliveries.map((delivery) => this.notBefore.get(delivery) ?? 0));
    if (until > clock.now()) await sleep(clock, until - clock.now(), signal);
  }

  /** Reading may wait for acknowledgements, and those for a flush. The outcomes of the last write arrive a moment later. */
  private idle(): void {
    setImmediate(() => {
      if (this.held.waiting > 0 && this.queue.isIdle && this.input.isStarved()) this.held.flush();
    });
  }

  private async flush(held: readonly RecordDelivery[]): Promise<void> {
    const { writer, signal, sink, onWritten } = this.input;
    try {
      await this.queue.still(async () => await writer.flush?.({ signal, attempt: 1 }));
    } catch (error) {
      const [first] = held;
      const failed: BusError = passing(error, `${sink.name} failed to flush`);
      if (first !== undefined) engineDelivery(first).run.stop(failed);
      for (const delivery of held) engineDelivery(delivery).release(false);
      return;
    }
    onWritten(held.map(({ value }) => value));
    for (const delivery of held) settle(delivery);
  }
}
