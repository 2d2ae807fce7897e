import { outboxTableSql, writeOutbox } from "@org/bus-connect-postgres";
import { connectorSuite, type Harness } from "@org/bus-testkit/connectors";
import pg from "pg";
import { describe } from "vitest";
import { OrderPlaced } from "../contracts/gen/shop/v1/shop.js";
import { postgresForTests } from "../support/servers/postgres.js";
import { startProxy } from "../support/servers/tcp-proxy.js";

const postgres = await postgresForTests();

const moduleOf = (name: string): URL => new URL(`../dist/postgres/under-test/${name}.js`, import.meta.url);

let places = 0;

/** A table of its own, behind a way that can be cut. */
async function place(create: (name: string) => string, slot = false): Promise<Harness & { readonly client: pg.Client; readonly name: string }> {
  const name = `suite_${process.pid}_${++places}`;
  const client = new pg.Client({ connectionString: postgres.url });
  // a place that a failed test has left behind loses its database
  client.on("error", () => {});
  await client.connect();
  await client.query(create(name));
  if (slot) await client.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [name]);
  const url = new URL(postgres.url);
  const proxy = await startProxy({ host: "127.0.0.1", port: Number(url.port) });
  url.port = String(proxy.port);
  return {
    client,
    name,
    settings: { url: url.href, name },
    stopSystem: () => proxy.cut(),
    startSystem: () => proxy.mend(),
    async close() {
      await proxy.cut();
      // those of the database are dropped with it; this one would keep the log until then
      await client.query("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and not active", [name]);
      await client.end();
    },
  };
}

type Put = readonly { readonly id: string; readonly key: string }[];

async function putOutbox(client: pg.Client, table: string, records: Put): Promise<void> {
  await client.query("begin");
  for (const { id, key } of records) await writeOutbox(client, OrderPlaced, { orderId: id, customerId: key, totalCents: 1n }, { table });
  await client.query("commit");
}

describe.skipIf(!postgres.available)("connectors of PostgreSQL", () => {
  connectorSuite("postgresOutbox", {
    module: moduleOf("outbox"),
    async source() {
      const publication = (name: string) => `create publication ${name} for table ${name} with (publish = 'insert')`;
      const harness = await place((name) => `${outboxTableSql({ table: name })} ${publication(name)}`, true);
      return { ...harness, put: (records) => putOutbox(harness.client, harness.name, records) };
    },
  });

  connectorSuite("postgresOutboxPolling", {
    module: moduleOf("outbox-polling"),
    async source() {
      const harness = await place((name) => outboxTableSql({ table: name, polling: true }));
      const { client, name } = harness;
      // without poison: what one run has published before it fails is deleted, and the next cannot find it again
      return { ...harness, put: (records) => putOutbox(client, name, records) };
    },
  });

  connectorSuite("postgresChanges", {
    module: moduleOf("changes"),
    // each row is a key of its own
    ordered: false,
    async source() {
      const harness = await place((name) => `create table ${name} (number int primary key, title text)`);
      const { client, name } = harness;
      return {
        ...harness,
        async put(records) {
          const numbers = records.map(({ id }) => Number(id.slice(1)));
          await client.query(`insert into ${name} select number, 'title' from unnest($1::int[]) as number`, [numbers]);
        },
      };
    },
  });

  connectorSuite("postgresSink", {
    module: moduleOf("sink"),
    idempotent: true,
    async sink() {
      const harness = await place((name) => `create table ${name} (order_id text primary key, customer_id text, total_cents bigint)`);
      const { client, name } = harness;
      return {
        ...harness,
        async read() {
          const { rows } = await client.query<{ order_id: string }>(`select order_id from ${name}`);
          return rows.map((row) => Number(row.order_id));
        },
      };
    },
  });
});
