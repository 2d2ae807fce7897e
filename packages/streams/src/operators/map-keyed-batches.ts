import type { Delivery } from "@org/bus-core";
import { type BatchOutcome, resolveOptions } from "@org/bus-core/internal";
import { type KeyedOptions, keyedOptions, keyedStage, positive } from "../keyed-options.js";
import type { DeliveryOperator } from "../message-stream.js";
import { batchStageOperator } from "../stage-operator.js";

export interface KeyedBatchOptions<In> extends KeyedOptions<In> {
  /** Messages per call. @default 100 */
  readonly maxBatch?: number;
}

const keyedBatchOptions = keyedOptions.extend({ maxBatch: positive().default(100) });

/**
 * As `mapKeyed`, but each call takes all that waits for a key, up to `maxBatch` messages of one topic: a hot key costs calls, not
 * messages. `fn` answers with an outcome for each message, at its index. A message whose outcome is a failure is retried by itself;
 * when `fn` throws, every message of the batch is.
 *
 * @throws {BusError} `invalid_options`
 */
export function mapKeyedBatches<In, Out>(
  fn: (values: readonly In[], deliveries: readonly Delivery<In>[]) => readonly BatchOutcome<Out>[] | PromiseLike<readonly BatchOutcome<Out>[]>,
  options: KeyedBatchOptions<In> = {},
): DeliveryOperator<In, Out> {
  const { maxBatch, ...limits } = resolveOptions("mapKeyedBatches", keyedBatchOptions, options);
  return batchStageOperator(
    { ...keyedStage("mapKeyedBatches", limits, options), functionName: fn.name, maxBatch, hasBatchSpan: true },
    (deliveries) =>
      fn(
        deliveries.map((delivery) => delivery.value),
        deliveries,
      ),
  );
}
