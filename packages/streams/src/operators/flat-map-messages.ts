import type { Delivery } from "@org/bus-core";
import { fanOut } from "@org/bus-core/internal";
import type { DeliveryOperator } from "../message-stream.js";
import { inKeyOrder, stageOperator } from "../stage-operator.js";

/**
 * Turns a message into the values that `fn` returns or resolves to: none, one or many, which go on in their order. The message is
 * settled when all that came of it is; at once when that is nothing. Keeps the order of each key.
 */
export function flatMapMessages<In, Out>(
  fn: (value: In, delivery: Delivery<In>) => Iterable<Out> | PromiseLike<Iterable<Out>>,
): DeliveryOperator<In, Out> {
  // spread inside the stage's work: an iterable that throws is a failure of this message
  const work = async (value: In, delivery: Delivery<In>) => [...(await fn(value, delivery))];
  return stageOperator(inKeyOrder("flatMapMessages"), work, (delivery, values, next) => {
    for (const child of fanOut(delivery, values)) next(child);
  });
}
