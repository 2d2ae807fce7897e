import { type Context, context } from "@opentelemetry/api";
import {
  type BatchCall,
  type BatchOutcome,
  createCallStage,
  engineDelivery,
  publishEachFrom,
  settle,
  tombstone,
  validContent,
} from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { Output } from "../task/output.js";
import type { RecordDelivery, Step } from "../task/step.js";
import { inOrder } from "../task/write/in-order.js";
import type { StartedWrite, StartWrite } from "../task/write-tracing.js";
import { outgoing, outgoingOptions, publishedKey } from "./outgoing.js";
import type { TopicSink } from "./to-topic.js";

/** Enough to fill a send; what waits longer for its key goes with the next. */
const MAX_BATCH = 500;

type Records = ConnectRecord<unknown>;

export interface PublishOutputInput {
  readonly sink: TopicSink<unknown>;
  /** The trace around a write; undefined where that is a transaction. */
  readonly trace: StartWrite | undefined;
  /** undefined: it is told when it is committed. */
  readonly onWritten: ((records: number) => void) | undefined;
  onRetry(record: Records): void;
}

/** Publishes, as the stream of the source does it: at once, or exactly once together with the position. */
export function publishOutput(input: PublishOutputInput): Output {
  return { open: () => new PublishSteps(input).step, async close() {} };
}

/** The step of one run. What is answered in one turn of the event loop, as the records of a send are, is passed on together. */
class PublishSteps {
  readonly step: Step;
  private answered: PublishCall[] = [];
  private written = 0;
  private isQueued = false;

  constructor(readonly input: PublishOutputInput) {
    const { sink } = input;
    const stage = createCallStage<Records, void>(
      {
        name: "publish",
        concurrency: Number.POSITIVE_INFINITY,
        order: "key",
        maxBatch: MAX_BATCH,
        keyOf: ({ value }) => publishedKey(sink, value) ?? value.key,
      },
      (call) => new PublishCall(this, call).start(),
      (delivery) => {
        this.written++;
        this.queue();
        settle(delivery);
      },
    );
    this.step = (delivery) => stage.push(delivery);
  }

  over(call: PublishCall): void {
    this.answered.push(call);
    this.queue();
  }

  private queue(): void {
    if (this.isQueued) return;
    this.isQueued = true;
    queueMicrotask(() => this.passOn());
  }

  private passOn(): void {
    const { answered } = this;
    this.answered = [];
    for (const call of answered) call.pass();
    this.isQueued = false;
    if (this.written > 0) this.input.onWritten?.(this.written);
    this.written = 0;
    if (this.answered.length > 0) this.queue();
  }
}

/** Records of one key that are being published. */
class PublishCall {
  readonly outcomes: BatchOutcome<void>[] = [];
  private left: number;
  private started: StartedWrite | undefined;

  constructor(
    private readonly steps: PublishSteps,
    private readonly call: BatchCall<Records, void>,
  ) {
    this.left = call.deliveries.length;
  }

  start(): void {
    const { deliveries } = this.call;
    this.started = this.steps.input.trace?.(() => deliveries.map((delivery) => delivery.context));
    // the span of a write is that of its only record, too
    const own = deliveries.length === 1 ? this.started?.context : undefined;
    for (let index = 0; index < deliveries.length; index++) this.publish(deliveries[index] as RecordDelivery, index, own);
  }

  pass(): void {
    const { deliveries } = this.call;
    const { onRetry } = this.steps.input;
    this.started?.end();
    const isTriedAgain = (outcome: BatchOutcome<void>, index: number) => {
      const delivery = deliveries[index];
      if (outcome.ok || delivery === undefined) return false;
      const again = engineDelivery(delivery).run.failure.retryDelayMs(delivery.attempt, outcome.error) !== undefined;
      if (again) onRetry(delivery.value);
      return again;
    };
    this.call.answer(inOrder(this.outcomes, isTriedAgain));
  }

  is(index: number, outcome: BatchOutcome<void>): void {
    this.outcomes[index] = outcome;
    if (--this.left === 0) this.steps.over(this);
  }

  private publish(delivery: RecordDelivery, index: number, own: Context | undefined): void {
    const where = own ?? delivery.context;
    const publishing = new Publishing(this, index);
    // without an SDK there is one context, and nothing to switch
    if (context.active() === where) this.publishIn(delivery, publishing);
    else context.with(where, () => this.publishIn(delivery, publishing));
  }

  private publishIn(delivery: RecordDelivery, publishing: Publishing): void {
    const { sink } = this.steps.input;
    try {
      const out = outgoing(sink, delivery.value);
      const make = () => ("key" in out ? tombstone(out.contract, out.key) : validContent(out.contract, out.message));
      publishEachFrom(delivery, out.contract, make, outgoingOptions(delivery.value, sink.options), publishing);
    } catch (error) {
      publishing.failed(error);
    }
  }
}

const WRITTEN: BatchOutcome<void> = { ok: true, value: undefined };

/** One record of a call. */
class Publishing {
  constructor(
    private readonly call: PublishCall,
    private readonly index: number,
  ) {}

  acknowledged(): void {
    this.call.is(this.index, WRITTEN);
  }

  failed(error: unknown): void {
    this.call.is(this.index, { ok: false, error });
  }
}
