import { type Connector, defineConnector, type Secret, toTopic } from "@org/bus-connect";
import { postgresOutbox } from "@org/bus-connect-postgres";
import { OrderPlaced } from "../gen/orders/v1/orders.js";

export const outboxTable = "shop.outbox";
export const slot = "example_outbox";

/** From the outbox onto the topic. What is published and the position behind it go in one transaction of Kafka: each event is on the topic once. */
export function outboxConnector(name: string, url: Secret): Connector {
  return defineConnector({
    name,
    source: postgresOutbox({ connection: { url }, table: outboxTable, slot, contracts: [OrderPlaced] }),
    sink: toTopic(OrderPlaced, { exactlyOnce: true, transactionMaxWaitMs: 10 }),
  });
}
