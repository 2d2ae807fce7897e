import type { Delivery } from "@org/bus-core";
import { derive, resolveOptions } from "@org/bus-core/internal";
import { type KeyedOptions, keyedOptions, keyedStage } from "../keyed-options.js";
import type { DeliveryOperator } from "../message-stream.js";
import { stageOperator } from "../stage-operator.js";

/**
 * Replaces the value of every message by what `fn` returns or resolves to: `concurrency` at once over all partitions, never two of one
 * key, in the order of each key. A free slot takes the next eligible key at once. For slow work: look-ups, calls, writes.
 *
 * @throws {BusError} `invalid_options`
 */
export function mapKeyed<In, Out>(
  fn: (value: In, delivery: Delivery<In>) => Out | PromiseLike<Out>,
  options: KeyedOptions<In> = {},
): DeliveryOperator<In, Out> {
  const stage = keyedStage("mapKeyed", resolveOptions("mapKeyed", keyedOptions, options), options);
  return stageOperator(stage, fn, (delivery, value, next) => next(derive(delivery, value)));
}
