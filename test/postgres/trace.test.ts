import { context, trace } from "@opentelemetry/api";
import { defineConnector, runConnector, toTopic } from "@org/bus-connect";
import { outboxTableSql, postgresOutbox, postgresOutboxPolling, writeOutbox } from "@org/bus-connect-postgres";
import { createBus, memory } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { OrderPlaced } from "../contracts/gen/shop/v1/shop.js";
import { postgresForTests } from "../support/servers/postgres.js";
import { recordSpans } from "../tracing/recorded-spans.js";
import { connect, secretUrl } from "./setup.js";

const postgres = await postgresForTests();

const ways = {
  replication: (table: string) =>
    postgresOutbox({ connection: { url: secretUrl(postgres.url) }, table, slot: `${table}_${process.pid}`, contracts: [OrderPlaced] }),
  polling: (table: string) => postgresOutboxPolling({ connection: { url: secretUrl(postgres.url) }, table, contracts: [OrderPlaced], splits: 1 }),
};

describe.skipIf(!postgres.available)("the trace of an order", () => {
  it.each(Object.entries(ways))("goes from the transaction that wrote it, across the database, to the handler (%s)", async (way, source) => {
    await using spans = recordSpans();
    const table = `traced_${way}`;
    const client = await connect(postgres.url);
    await client.query(outboxTableSql({ table, polling: true }));
    const slot = `${table}_${process.pid}`;
    await client.query(`create publication ${slot} for table ${table}`);
    await client.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);

    await using bus = createBus({ service: "test", transport: memory() });
    await bus.topics.ensure([OrderPlaced]);
    const handled = Promise.withResolvers<string | undefined>();
    bus.consume(OrderPlaced, { group: "see" }, () => handled.resolve(trace.getActiveSpan()?.spanContext().traceId));
    await using _relay = runConnector(bus, defineConnector({ name: `traced-${way}`, source: source(table), sink: toTopic(OrderPlaced) }));

    const span = trace.getTracer("test").startSpan("place order");
    await context.with(trace.setSpan(context.active(), span), () =>
      writeOutbox(client, OrderPlaced, { orderId: "1", customerId: "c", totalCents: 5n }, { table }),
    );
    span.end();

    const { traceId } = span.spanContext();
    expect(await handled.promise).toBe(traceId);
    const inTrace = async () => (await spans.finished()).filter((each) => each.spanContext().traceId === traceId).map(({ name }) => name);
    await expect.poll(inTrace).toEqual(expect.arrayContaining(["place order", "process shop.orders.v1"]));
  });
});
