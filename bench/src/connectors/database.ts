import { outboxTableSql } from "@org/bus-connect-postgres";
import pg from "pg";
import { PageViewed } from "../gen/bench/v1/page_viewed.js";
import { pageViewed } from "../workload.js";

/** The variable that says where the PostgreSQL of the run is. */
export const postgresVariable = "POSTGRES_URL";

export const postgresUrl = (): string => process.env[postgresVariable] ?? "";

export async function withDatabase<R>(work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: postgresUrl() });
  await client.connect();
  return work(client).finally(() => client.end());
}

/** The name of tables and slots of one measurement. */
export const databaseName = (runId: string): string => `bench_${runId.replaceAll(/[^a-z0-9]+/g, "_")}_${process.pid}`;

/** An empty outbox that can be read either way, and a slot. */
export async function createOutbox(name: string): Promise<void> {
  await withDatabase(async (client) => {
    await client.query(outboxTableSql({ table: name, polling: true }));
    await client.query(`create publication ${name} for table ${name} with (publish = 'insert')`);
    await client.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [name]);
  });
}

export async function dropOutbox(name: string): Promise<void> {
  await withDatabase(async (client) => {
    await client.query("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1 and active", [name]);
    for (let isLeft = true; isLeft; ) {
      const { rows } = await client.query("select active from pg_replication_slots where slot_name = $1", [name]);
      isLeft = rows.length > 0;
      if (rows[0]?.active === false) await client.query("select pg_drop_replication_slot($1)", [name]);
    }
    await client.query(`drop table ${name}; drop publication ${name}`);
  });
}

const perTransaction = 1_000;

/** Events in the outbox, as a service would have written them: a thousand a transaction, for speed. */
export async function fillOutbox(name: string, rows: number): Promise<void> {
  await withDatabase(async (client) => {
    for (let start = 0; start < rows; start += perTransaction) {
      const inits = Array.from({ length: perTransaction }, (_, offset) => pageViewed((start + offset) % 1_000, start + offset));
      await client.query(
        `insert into ${name} (id, aggregatetype, aggregateid, type, payload)
         select gen_random_uuid(), 'page', u, 'bench.v1.PageViewed', p from unnest($1::text[], $2::bytea[]) as r(u, p)`,
        [inits.map(({ userId }) => userId), inits.map((init) => Buffer.from(PageViewed.encode(init)))],
      );
    }
  });
}
