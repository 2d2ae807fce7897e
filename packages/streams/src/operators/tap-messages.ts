import type { Delivery } from "@org/bus-core";
import type { DeliveryOperator } from "../message-stream.js";
import { inKeyOrder, stageOperator } from "../stage-operator.js";

/** Runs `fn` for its effect, waits for it if it is asynchronous, and passes the message on as it came. Keeps the order of each key. */
export function tapMessages<In>(fn: (value: In, delivery: Delivery<In>) => unknown): DeliveryOperator<In, In> {
  return stageOperator(inKeyOrder("tapMessages"), fn, (delivery, _, next) => next(delivery));
}
