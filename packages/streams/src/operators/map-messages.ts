import type { Delivery } from "@org/bus-core";
import { derive } from "@org/bus-core/internal";
import type { DeliveryOperator } from "../message-stream.js";
import { inKeyOrder, stageOperator } from "../stage-operator.js";

/**
 * Replaces the value of every message by what `fn` returns or resolves to. One at a time per key, in the order of each key; nothing else
 * limits how many run at once (`mapKeyed` does).
 */
export function mapMessages<In, Out>(fn: (value: In, delivery: Delivery<In>) => Out | PromiseLike<Out>): DeliveryOperator<In, Out> {
  return stageOperator(inKeyOrder("mapMessages"), fn, (delivery, value, next) => next(derive(delivery, value)));
}
