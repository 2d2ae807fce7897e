import { randomUUID } from "node:crypto";
import { writeOutbox } from "@org/bus-connect-postgres";
import type { ClientBase } from "pg";
import { OrderPlaced } from "../gen/orders/v1/orders.js";
import { outboxTable } from "../relay/connector.js";

export interface Order {
  readonly customerId: string;
  readonly totalCents: bigint;
}

/**
 * Places an order: the row and the event are there together, or neither is. Nothing is sent to Kafka here, so it need not be up.
 *
 * @returns the id of the order; undefined where the customer changed their mind, and all was rolled back
 */
export async function placeOrder(client: ClientBase, { customerId, totalCents }: Order, changesMind = false): Promise<string | undefined> {
  const orderId = randomUUID();
  const placedAt = new Date();
  await client.query("begin");
  try {
    // the row of the customer is locked until the end, so their orders are numbered, and published, in the order of their commits
    const { rows } = await client.query<{ orders: number }>(
      "insert into shop.customers values ($1, 1) on conflict (customer_id) do update set orders = customers.orders + 1 returning orders",
      [customerId],
    );
    const number = rows[0]?.orders ?? 0;
    await client.query("insert into shop.orders values ($1, $2, $3, $4, $5)", [orderId, customerId, number, totalCents, placedAt]);
    await writeOutbox(client, OrderPlaced, { orderId, customerId, number, totalCents, placedAt }, { table: outboxTable });
    await client.query(changesMind ? "rollback" : "commit");
    return changesMind ? undefined : orderId;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
