import type { Delivery } from "@org/bus-core";
import { settle } from "@org/bus-core/internal";
import type { DeliveryOperator } from "../message-stream.js";
import { inKeyOrder, stageOperator } from "../stage-operator.js";

/** Keeps the messages for which `predicate` answers or resolves to true, and settles the others. Keeps the order of each key. */
export function filterMessages<In, Out extends In>(predicate: (value: In, delivery: Delivery<In>) => value is Out): DeliveryOperator<In, Out>;
export function filterMessages<In>(predicate: (value: In, delivery: Delivery<In>) => boolean | PromiseLike<boolean>): DeliveryOperator<In, In>;
export function filterMessages<In>(predicate: (value: In, delivery: Delivery<In>) => boolean | PromiseLike<boolean>): DeliveryOperator<In, In> {
  return stageOperator(inKeyOrder("filterMessages"), predicate, (delivery, keep, next) => (keep ? next(delivery) : settle(delivery)));
}
