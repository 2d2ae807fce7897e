import type { Source } from "@org/bus-connect";
import { outboxTableSql, type PostgresOutboxOptions, postgresOutbox, writeOutbox } from "@org/bus-connect-postgres";
import { startPostgres } from "@org/bus-testkit/postgres";
import type pg from "pg";
import { describe, expect, it } from "vitest";
import { Article, OrderPlaced } from "../contracts/gen/shop/v1/shop.js";
import { connectorContext } from "../support/connector-context.js";
import { postgresForTests } from "../support/servers/postgres.js";
import { connect, SplitReader, secretUrl } from "./setup.js";

const postgres = await postgresForTests();

const order = (id: string, customerId = "c") => ({ orderId: id, customerId, totalCents: 100n });

let created = 0;

/** An outbox of the test alone. */
async function setUp(url = postgres.url, options: Partial<PostgresOutboxOptions> = {}) {
  const name = `outbox_${++created}_${process.pid}`;
  const client = await connect(url);
  await client.query(outboxTableSql({ table: name }));
  const source = postgresOutbox({ connection: { url: secretUrl(url) }, table: name, slot: name, contracts: [OrderPlaced, Article], ...options });
  const write = (id: string, customerId?: string) => writeOutbox(client, OrderPlaced, order(id, customerId), { table: name });
  return { client, name, source, write };
}

/** A reader that has begun: what is committed from now on is in its slot. */
async function start<T>({ client, name, source }: { readonly client: pg.Client; readonly name: string; readonly source: Source<T> }) {
  const reader = new SplitReader(source);
  const first = reader.next();
  // while it is being made, a slot is active too
  const streams = "select from pg_replication_slots join pg_stat_replication on pid = active_pid where slot_name = $1 and state = 'streaming'";
  await expect.poll(() => client.query(streams, [name]).then(({ rowCount }) => rowCount)).toBe(1);
  return { reader, first };
}

const ids = (records: readonly { readonly value: unknown }[]): string[] => records.map(({ value }) => (value as OrderPlaced).orderId);

describe.skipIf(!postgres.available)("postgresOutbox", () => {
  it("makes neither slot nor publication in a dry run", async () => {
    const { client, name, source } = await setUp();
    const dry = source.read({ ...connectorContext(), split: { id: "0" }, position: undefined, readOnly: true })[Symbol.asyncIterator]();
    await expect(dry.next()).rejects.toThrow("there is no publication: create publication");
    expect((await client.query("select from pg_publication where pubname = $1", [name])).rowCount).toBe(0);
    expect((await client.query("select from pg_replication_slots where slot_name = $1", [name])).rowCount).toBe(0);
  });

  it("gives what was committed, in the order of the commits, once", async () => {
    const { client, name, source, write } = await setUp();
    const { reader, first } = await start({ client, name, source });

    const other = await connect(postgres.url);
    await other.query("begin");
    await writeOutbox(other, OrderPlaced, order("late"), { table: name });
    await write("early");
    await client.query("begin");
    await write("never");
    await client.query("rollback");
    await other.query("commit");
    await client.query("begin");
    const id = await write("deleted");
    await client.query(`delete from ${name}`);
    await client.query("commit");

    const [batch] = [await first];
    const rest = batch.records.length < 3 ? (await reader.records(3 - batch.records.length)).records : [];
    const records = [...batch.records, ...rest];
    expect(ids(records)).toEqual(["early", "late", "deleted"]);
    expect(records[2]).toMatchObject({ id, key: "c", contract: OrderPlaced, value: order("deleted"), timestamp: expect.any(Number) });
    expect(Math.abs(Date.now() - (records[2]?.timestamp ?? 0))).toBeLessThan(60_000);
    expect(source.contracts).toContain(OrderPlaced);
  });

  it("goes on behind its position, also in the middle of a transaction, and repeats what was not stored", async () => {
    const { client, name, source, write } = await setUp(postgres.url, { maxBatch: 3 });
    const { reader, first } = await start({ client, name, source });
    await client.query("begin");
    for (let index = 0; index < 8; index++) await write(`a${index}`);
    await client.query("commit");
    await write("b");
    const batches = [await first];
    const read = () => batches.flatMap(({ records }) => ids(records));
    while (read().length < 4) batches.push(await reader.next());
    await reader.stop();
    batches.pop();
    const stored = read();

    // the last batch was not stored
    const again = new SplitReader(source, batches.at(-1)?.position);
    const { records, position } = await again.records(9 - stored.length);
    expect([...stored, ...ids(records)]).toEqual(["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "b"]);
    await again.stop();

    await write("c");
    expect(ids((await new SplitReader(source, position).records(1)).records)).toEqual(["c"]);
  });

  it("lets the server forget what is stored, and only that", async () => {
    const { client, name, source, write } = await setUp(postgres.url, { heartbeatMs: 100 });
    const reader = new SplitReader(source);
    const confirmed = async (): Promise<string> =>
      (await client.query("select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = $1", [name])).rows[0]?.lsn;
    const pending = reader.next();
    await expect.poll(confirmed).toBeDefined();
    const start = await confirmed();
    await write("1");
    const batch = (await pending).records.length > 0 ? await pending : await reader.next();
    expect(await confirmed()).toBe(start);
    await batch.acknowledge?.();
    await expect.poll(confirmed).not.toBe(start);

    // nothing is written to the outbox, but elsewhere: the slot moves on all the same, as its place is stored
    await client.query("create table elsewhere as select generate_series(1, 1000) as n");
    const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_lsn()::text as lsn");
    const storing = (async () => {
      for (;;) await (await reader.next()).acknowledge?.();
    })().catch(() => {});
    const isPast = async () => (await client.query("select $1::pg_lsn >= $2::pg_lsn as past", [await confirmed(), rows[0]?.lsn])).rows[0].past;
    await expect.poll(isPast).toBe(true);
    await reader.stop();
    await storing;
  });

  it("hands over what it cannot read", async () => {
    const { client, name, source, write } = await setUp();
    const { reader, first } = await start({ client, name, source });
    await client.query("begin");
    await client.query(
      `insert into ${name} (id, aggregatetype, aggregateid, type, payload) values (gen_random_uuid(), 'x', 'x', 'shop.v1.Unknown', 'abc')`,
    );
    await client.query(
      `insert into ${name} (id, aggregatetype, aggregateid, type, payload) values (gen_random_uuid(), 'x', 'x', 'shop.v1.OrderPlaced', '\\xff')`,
    );
    await write("good");
    await client.query("commit");
    const batches = [await first];
    while (!batches.some(({ records }) => records.length > 0)) batches.push(await reader.next());
    expect(batches.flatMap(({ records }) => ids(records))).toEqual(["good"]);
    expect(batches.flatMap(({ unreadable = [] }) => unreadable)).toMatchObject([
      { error: { code: "malformed_message", message: expect.stringContaining("has the type shop.v1.Unknown") } },
      { error: { code: "malformed_message" } },
    ]);
  });

  it("reads the JSON that Debezium's writers put there, and its trace column", async () => {
    const { client, name, source } = await setUp();
    await client.query(`alter table ${name} alter column payload type jsonb using null`);
    const { first: next } = await start({ client, name, source });
    await client.query(
      `insert into ${name} (id, aggregatetype, aggregateid, type, payload, headers)
       values (gen_random_uuid(), 'Article', 'a1', 'shop.v1.Article', '{"sku": "a1", "title": "Tea"}', '{"tenant": "acme"}')`,
    );
    const { records } = await next;
    expect(records).toMatchObject([{ key: "a1", value: { sku: "a1", title: "Tea" }, headers: { tenant: Buffer.from("acme") } }]);
  });

  it("refuses to go on where changes are missing", async () => {
    const { client, name, source, write } = await setUp();
    const { reader, first: pending } = await start({ client, name, source });
    await write("1");
    const { position } = await pending;
    await reader.stop();
    await expect
      .poll(() =>
        client.query("select pg_drop_replication_slot($1)", [name]).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await expect(new SplitReader(source, position).next()).rejects.toMatchObject({ code: "invalid_options", retryable: false, message: /is gone/ });
    await client.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [name]);
    await expect(new SplitReader(source, position).next()).rejects.toThrow("has gone on without this connector");
  });

  it("says what is missing before it starts", async () => {
    const { source } = await setUp(postgres.url, { table: "nowhere" });
    await expect(source.check?.(connectorContext())).rejects.toThrow("there is no table public.nowhere");
    expect(() => postgresOutbox({ connection: { url: secretUrl("") }, slot: "Capital", contracts: [] })).toThrow(
      /slot "Capital" must be 1 to 63.*contracts|contracts.*slot "Capital"/,
    );
  });

  it("ends with a retryable error when the server goes away, and has everything when it is back", async () => {
    await using server = await startPostgres();
    const { source, client, name } = await setUp(server.url);
    const { reader, first: pending } = await start({ client, name, source });
    await writeOutbox(client, OrderPlaced, order("1"), { table: name });
    const { position } = await pending;
    await server.crash();
    await expect(reader.next()).rejects.toMatchObject({ retryable: true });
    await server.restart();
    const back = await connect(server.url);
    await writeOutbox(back, OrderPlaced, order("2"), { table: name });
    expect(ids((await new SplitReader(source, position).records(1)).records)).toEqual(["2"]);
  });
});

describe.skipIf(!postgres.available)("writeOutbox", () => {
  it("refuses a message that breaks its contract, and leaves the transaction usable", async () => {
    const { client, name, write } = await setUp();
    await client.query("begin");
    await expect(writeOutbox(client, OrderPlaced, { ...order("1"), totalCents: -1n }, { table: name })).rejects.toMatchObject({
      code: "contract_violation",
      violations: [{ path: "totalCents", rule: "int64.gt" }],
    });
    await write("2");
    await client.query("commit");
    expect((await client.query(`select aggregatetype, aggregateid, type from ${name}`)).rows).toEqual([
      { aggregatetype: "shop.orders.v1", aggregateid: "c", type: "shop.v1.OrderPlaced" },
    ]);
  });
});
