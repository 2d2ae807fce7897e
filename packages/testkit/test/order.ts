import type { Contract, Violation } from "@org/bus-core";

/** A message for tests, as a generated contract would have it, but in JSON. */
export interface Order {
  readonly id: string;
  readonly amount: number;
}

/** `id` is the key; `amount` is at least 0. */
export const Order: Contract<Order> = {
  typeName: "shop.v1.Order",
  topic: { name: "orders", keyField: "id", partitions: 3, cleanup: "delete", owner: { team: "shop", channel: "#shop" } },
  sensitiveFields: [],
  validate(message): readonly Violation[] {
    const { amount } = message as Order;
    return amount >= 0 ? [] : [{ path: "amount", rule: "int32.gte", message: `must be at least 0, is ${amount}` }];
  },
  encode: (message) => new TextEncoder().encode(JSON.stringify(message)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Order,
  key: ({ id }) => new TextEncoder().encode(id),
};
