import protobufjs from "protobufjs/minimal.js";
import { bench } from "#protobufjs/order_placed.js";
import type { Order } from "../orders.js";
import { toJsonOrder } from "./ajv.js";

/** The static module that pbjs makes of OrderPlaced. */
export const PbjsOrder = bench.v1.OrderPlaced;

/** An order as protobufjs holds it: an instance of its class, with each 64-bit integer as a Long. */
export const toPbjsOrder = (order: Order): InstanceType<typeof PbjsOrder> => PbjsOrder.fromObject(toJsonOrder(order));

/** Has protobufjs hold 64-bit integers as numbers, which it does where the package `long` is not there: faster, and rounded beyond 2^53. */
export function holdIntegersAsNumbers(): void {
  // the types take `long` for granted, which protobufjs itself does not
  Object.assign(protobufjs.util, { Long: null });
  protobufjs.configure();
}
