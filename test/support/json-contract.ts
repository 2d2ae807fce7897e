import { BusError, type Contract } from "@org/bus-core";

/** A contract made by hand, so that these tests need no generated code: JSON on the wire, string keys, negative amounts refused. */
export function jsonContract<T extends { readonly id: string; readonly amount: number }>(topic: string, partitions = 3): Contract<T> {
  const text = new TextEncoder();
  return {
    typeName: `test.${topic}`,
    topic: { name: topic, keyField: "id", partitions, cleanup: "delete", owner: { team: "bus", channel: "#bus" } },
    sensitiveFields: [],
    validate: (message) => ((message as T).amount < 0 ? [{ path: "amount", rule: "double.gte", message: "must be greater than or equal to 0" }] : []),
    encode: (message) => text.encode(JSON.stringify(message)),
    decode(bytes) {
      try {
        return JSON.parse(new TextDecoder().decode(bytes)) as T;
      } catch (error) {
        throw BusError.from(error, "malformed_message");
      }
    },
    key: (message) => text.encode(message.id),
  };
}

export interface Order {
  readonly id: string;
  readonly amount: number;
}

export interface Invoice {
  readonly id: string;
  readonly amount: number;
  readonly due: string;
}

export const Order = jsonContract<Order>("orders");
export const Invoice = jsonContract<Invoice>("invoices");
