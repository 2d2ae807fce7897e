import { context } from "@opentelemetry/api";
import type { Contract, Delivery } from "@org/bus-core";
import { type BatchOutcome, engineDelivery, publishFrom, resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import { positive } from "../keyed-options.js";
import type { DeliveryOperator } from "../message-stream.js";
import { batchStageOperator, inKeyOrder } from "../stage-operator.js";

const publishToOptions = z.strictObject({
  /** Headers of the caller's own, as text or bytes; those of the library win. */
  headers: z.record(z.string(), z.union([z.string(), z.instanceof(Uint8Array)])).exactOptional(),
  /** How long one try waits for the acknowledgement, in ms. @default that of the bus */
  deliveryTimeoutMs: positive().exactOptional(),
});

export type PublishToOptions = z.input<typeof publishToOptions>;

/** Enough to fill a send; what waits longer for its key goes with the next. */
const MAX_BATCH = 500;

/**
 * Publishes the value of every message and passes the message on when all in-sync replicas have it. In the order of each key: what comes
 * in while a message of its key is on its way goes out together with the next, so that a hot key costs calls, not messages.
 *
 * What cannot be written now is tried again, and what follows it in its key is written again after it. A value that breaks its contract
 * goes to the failure policy of the stream without another try.
 *
 * @throws {BusError} `invalid_options`
 */
export function publishTo<T extends object, Init extends object, In extends Init = Init>(
  contract: Contract<T, Init>,
  options: PublishToOptions = {},
): DeliveryOperator<In, In> {
  const publishOptions = resolveOptions("publishTo", publishToOptions, options);
  const publish = (delivery: Delivery<In>): Promise<BatchOutcome<In>> =>
    context
      .with(delivery.context, () => publishFrom(delivery, contract, delivery.value, publishOptions))
      .then(
        () => ({ ok: true, value: delivery.value }),
        (error: unknown) => ({ ok: false, error }),
      );
  return batchStageOperator({ ...inKeyOrder("publishTo"), maxBatch: MAX_BATCH }, async (deliveries) => {
    const outcomes = await Promise.all(deliveries.map(publish));
    const [first] = deliveries;
    return first === undefined || first.key === null ? outcomes : inOrder(deliveries, outcomes);
  });
}

/** The outcomes of one key: what follows a message that will be tried again has to be written again after it. */
function inOrder<T>(deliveries: readonly Delivery<T>[], outcomes: readonly BatchOutcome<T>[]): readonly (BatchOutcome<T> | undefined)[] {
  const failed = outcomes.findIndex((outcome, index) => {
    const delivery = deliveries[index];
    return delivery !== undefined && !outcome.ok && engineDelivery(delivery).run.failure.retryDelayMs(delivery.attempt, outcome.error) !== undefined;
  });
  return failed === -1 ? outcomes : outcomes.map((outcome, index) => (index > failed ? undefined : outcome));
}
