import { context } from "@opentelemetry/api";
import { type AnyContract, BusError, type CompactedContract, type PublishOptions, type RecordHeaders } from "@org/bus-core";
import { type BatchOutcome, createBatchStage, engineDelivery, publishFrom, publishTombstoneFrom, settle } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import type { Output } from "../task/output.js";
import type { RecordDelivery } from "../task/step.js";
import { inOrder } from "../task/write/in-order.js";
import type { TopicSink } from "./to-topic.js";

/** Enough to fill a send; what waits longer for its key goes with the next. */
const MAX_BATCH = 500;

type Records = ConnectRecord<unknown>;

export interface PublishOutputInput {
  readonly sink: TopicSink<unknown>;
  onWritten(records: readonly Records[]): void;
  onRetry(record: Records): void;
}

/** Publishes, as the stream of the source does it: at once, or exactly once together with the position. */
export function publishOutput({ sink, onWritten, onRetry }: PublishOutputInput): Output {
  const publish = (delivery: RecordDelivery): Promise<BatchOutcome<void>> =>
    context
      .with(delivery.context, () => {
        const { value } = delivery;
        const contract = contractOf(sink, value);
        const options = optionsOf(value, sink.options);
        if (value.value === undefined && isCompacted(contract))
          return publishTombstoneFrom(delivery, contract, tombstoneKey(value, contract), options);
        return publishFrom(delivery, contract, value.value as object, options);
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
          const outcomes = await Promise.all(deliveries.map((delivery) => publish(delivery as RecordDelivery)));
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
          onWritten([delivery.value]);
          settle(delivery);
        },
      );
      return (delivery) => stage.push(delivery);
    },
    async close() {},
  };
}

/** @throws {BusError} `invalid_options` for a record that names another contract than the sink has, or none where there are several */
function contractOf(sink: TopicSink<unknown>, record: Records): AnyContract {
  const { contracts } = sink;
  const [only] = contracts;
  if (record.contract !== undefined && contracts.includes(record.contract)) return record.contract;
  if (only !== undefined && contracts.length === 1) return only;
  const named = record.contract === undefined ? "no contract" : record.contract.typeName;
  throw new BusError(
    "invalid_options",
    `${record.id} names ${named}; toTopic has ${contracts.map(({ typeName }) => typeName).join(", ")}: choose one with route`,
  );
}

const isCompacted = (contract: AnyContract): contract is CompactedContract<object> => contract.topic?.cleanup.includes("compact") === true;

/** @throws {BusError} `contract_violation` for a record without a key, or with one that the topic cannot have */
function tombstoneKey({ id, key }: Records, contract: CompactedContract<object>): string | bigint | Uint8Array {
  if (key === null)
    throw new BusError("contract_violation", `${id} has neither value nor key: a tombstone of ${contract.typeName} says which key is gone`);
  const text = typeof key === "string" ? key : Buffer.from(key).toString("utf8");
  if (contract.keyKind === "bytes") return typeof key === "string" ? Buffer.from(key) : key;
  return contract.keyKind === "integer" && /^-?\d+$/.test(text) ? BigInt(text) : text;
}

/** Null for a value that breaks its contract, too: publishing it says what is wrong. */
function publishedKey(sink: TopicSink<unknown>, record: Records): Uint8Array | null {
  try {
    return contractOf(sink, record).key(record.value as object);
  } catch {
    return null;
  }
}

function optionsOf({ headers, timestamp }: Records, options: TopicSink<unknown>["options"]): Pick<PublishOptions, "headers" | "timestamp"> {
  return {
    ...(options.headers && Object.keys(headers).length > 0 ? { headers: ownHeaders(headers) } : {}),
    ...(timestamp === undefined || options.timestamps === "publish" ? {} : { timestamp }),
  };
}

/** The last value of those that have several. */
function ownHeaders(headers: RecordHeaders): Record<string, Uint8Array> {
  const own: Record<string, Uint8Array> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = value instanceof Uint8Array ? value : value.at(-1);
    if (last !== undefined) own[name] = last;
  }
  return own;
}
