import { createGatherStage, join, resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import { positive } from "../keyed-options.js";
import type { DeliveryOperator } from "../message-stream.js";
import { throughStage } from "../stage-operator.js";

const batchOptions = z.strictObject({
  /** Messages per batch. */
  maxSize: positive(),
  /** How long the first message of a batch waits for others, in ms. */
  maxWaitMs: positive(),
});

export type BatchOptions = z.input<typeof batchOptions>;

/**
 * Makes one message of up to `maxSize` messages of whatever key, in the order in which they come; of fewer when the first of them has waited
 * `maxWaitMs`, or when the stream drains. The batch shows position, key and headers of its first message; all of them are settled
 * when the batch is, and if it fails for good, each goes to the dead letter.
 *
 * The operators that follow know the key of the first message only: `mapKeyedBatches` is the way to work on batches in the order of keys.
 *
 * @throws {BusError} `invalid_options`
 */
export function batchMessages<In>(options: BatchOptions): DeliveryOperator<In, readonly In[]> {
  const limits = resolveOptions("batchMessages", batchOptions, options);
  return throughStage((subscriber) =>
    createGatherStage<In>({ name: "batchMessages", ...limits }, (deliveries) => {
      const values = deliveries.map((delivery) => delivery.value);
      subscriber.next(join(deliveries, values));
    }),
  );
}
