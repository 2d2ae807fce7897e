import { type Context, context } from "@opentelemetry/api";
import { type BatchOutcome, createBatchStage, engineDelivery, publishFrom, publishTombstoneFrom, settle } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { Output } from "../task/output.js";
import type { RecordDelivery } from "../task/step.js";
import { inOrder } from "../task/write/in-order.js";
import type { TraceWrite } from "../task/write-tracing.js";
import { outgoing, outgoingOptions, publishedKey } from "./outgoing.js";
import type { TopicSink } from "./to-topic.js";

/** Enough to fill a send; what waits longer for its key goes with the next. */
const MAX_BATCH = 500;

type Records = ConnectRecord<unknown>;

export interface PublishOutputInput {
  readonly sink: TopicSink<unknown>;
  /** The trace around a write; undefined where that is a transaction. */
  readonly trace: TraceWrite | undefined;
  /** undefined: it is told when it is committed. */
  readonly onWritten: ((records: number) => void) | undefined;
  onRetry(record: Records): void;
}

/** Publishes, as the stream of the source does it: at once, or exactly once together with the position. */
export function publishOutput({ sink, trace, onWritten, onRetry }: PublishOutputInput): Output {
  const publish = (delivery: RecordDelivery, within: Context): Promise<BatchOutcome<void>> =>
    context
      .with(within, () => {
        const out = outgoing(sink, delivery.value);
        const options = outgoingOptions(delivery.value, sink.options);
        return "key" in out
          ? publishTombstoneFrom(delivery, out.contract, out.key, options)
          : publishFrom(delivery, out.contract, out.message, options);
      })
      .then(
        () => ({ ok: true, value: undefined }),
        (error: unknown) => ({ ok: false, error }),
      );
  return {
    open() {
      const stage = createBatchStage<Records, void>(
        {
          name: "publish",
          concurrency: Number.POSITIVE_INFINITY,
          order: "key",
          maxBatch: MAX_BATCH,
          keyOf: ({ value }) => publishedKey(sink, value) ?? value.key,
        },
        async (deliveries) => {
          const publishAll = (own?: Context) =>
            Promise.all(deliveries.map((delivery) => publish(delivery as RecordDelivery, own ?? delivery.context)));
          const outcomes = trace === undefined ? await publishAll() : await trace(contextsOf(deliveries), publishAll);
          const isTriedAgain = (outcome: BatchOutcome<void>, index: number) => {
            const delivery = deliveries[index];
            if (outcome.ok || delivery === undefined) return false;
            const again = engineDelivery(delivery).run.failure.retryDelayMs(delivery.attempt, outcome.error) !== undefined;
            if (again) onRetry(delivery.value);
            return again;
          };
          return inOrder(outcomes, isTriedAgain);
        },
        (delivery) => {
          onWritten?.(1);
          settle(delivery);
        },
      );
      return (delivery) => stage.push(delivery);
    },
    async close() {},
  };
}

const contextsOf = (deliveries: readonly { readonly context: Context }[]): readonly Context[] => deliveries.map((delivery) => delivery.context);
