import { outboxTableSql, type PostgresOutboxPollingOptions, postgresOutboxPolling, writeOutbox } from "@org/bus-connect-postgres";
import { describe, expect, it } from "vitest";
import { OrderPlaced } from "../contracts/gen/shop/v1/shop.js";
import { connectorContext } from "../support/connector-context.js";
import { postgresForTests } from "../support/servers/postgres.js";
import { connect, SplitReader, secretUrl } from "./setup.js";

const postgres = await postgresForTests();

let created = 0;

async function setUp(options: Partial<PostgresOutboxPollingOptions<typeof OrderPlaced>> = {}) {
  const table = `polled_${++created}`;
  const client = await connect(postgres.url);
  await client.query(outboxTableSql({ table, polling: true }));
  const source = postgresOutboxPolling({
    connection: { url: secretUrl(postgres.url) },
    table,
    contracts: [OrderPlaced],
    splits: 1,
    pollMs: 60_000,
    ...options,
  });
  const write = (orderId: string, customerId = "c", through = client) =>
    writeOutbox(through, OrderPlaced, { orderId, customerId, totalCents: 1n }, { table });
  const left = async () => (await client.query(`select count(*)::int as count from ${table} where published_at is null`)).rows[0].count;
  return { client, table, source, write, left };
}

const split = (index: number, of = 1) => ({ id: `${index}/${of}` });
const ids = (records: readonly { readonly value: OrderPlaced }[]): string[] => records.map(({ value }) => value.orderId);

describe.skipIf(!postgres.available)("postgresOutboxPolling", () => {
  it("is woken by the commit of a row, and deletes what is acknowledged", async () => {
    const { source, write, left } = await setUp();
    const reader = new SplitReader(source, undefined, split(0));
    const pending = reader.next();
    const id = await write("1");
    // pollMs is a minute: it was the notification, or the first look
    const batch = await pending;
    expect(batch.records).toMatchObject([{ id, key: "c", value: { orderId: "1" } }]);
    expect(source.contracts).toEqual([OrderPlaced]);
    expect(await left()).toBe(1);
    await batch.acknowledge?.();
    expect(await left()).toBe(0);
    const second = reader.next();
    await write("2");
    expect(ids((await second).records)).toEqual(["2"]);
  });

  it("is read by a dry run beside its reader, which leaves out what is published and deletes nothing", async () => {
    const { source, write, left, client, table } = await setUp();
    await write("1");
    await write("2");
    const reader = new SplitReader(source, undefined, split(0));
    await reader.next();
    const { rows } = await client.query(`select sequence from ${table} order by sequence`);
    const position = { published: [String(rows[0].sequence)] };
    const dry = source.read({ ...connectorContext(), split: split(0), position, readOnly: true })[Symbol.asyncIterator]();
    const batch = await dry.next();
    expect(batch.done === true ? [] : ids(batch.value.records)).toEqual(["2"]);
    await dry.return?.();
    expect(await left()).toBe(2);
  });

  it("keeps published rows with a mark, where it is told to", async () => {
    const { source, write, client, table } = await setUp({ done: "mark" });
    await write("1");
    const reader = new SplitReader(source, undefined, split(0));
    await reader.records(1);
    await reader.stop();
    expect((await client.query(`select published_at is not null as published from ${table}`)).rows).toEqual([{ published: true }]);
    await write("2");
    expect(ids((await new SplitReader(source, undefined, split(0)).records(1)).records)).toEqual(["2"]);
  });

  it("misses no row whose transaction commits after those of later rows", async () => {
    const { source, write } = await setUp();
    const slow = await connect(postgres.url);
    await slow.query("begin");
    await write("slow", "a", slow);
    await write("fast", "b");
    const reader = new SplitReader(source, undefined, split(0));
    expect(ids((await reader.records(1)).records)).toEqual(["fast"]);
    await slow.query("commit");
    expect(ids((await reader.records(1)).records)).toEqual(["slow"]);
  });

  it("gives what is at work to no other reader, and does not repeat what a stored position says is published", async () => {
    const { source, write, left } = await setUp({ maxBatch: 2 });
    for (const id of ["1", "2", "3", "4", "5"]) await write(id);
    const reader = new SplitReader(source, undefined, split(0));
    const first = await reader.next();
    const second = await reader.next();
    expect([...ids(first.records), ...ids(second.records)]).toEqual(["1", "2", "3", "4"]);

    const other = new SplitReader(source, second.position, split(0));
    const waiting = other.next();
    // the reader dies after its position was stored, and before any row was deleted
    await reader.stop();
    expect(ids((await waiting).records)).toEqual(["5"]);
    expect(await left()).toBe(1);
  });

  it("keeps the order of each aggregate while several read and readers come and go, with any number of splits", async () => {
    const { client, table, write, left } = await setUp();
    const seen = new Map<string, string[]>();
    const stop = new AbortController();
    const read = async (index: number, of: number): Promise<void> => {
      const source = postgresOutboxPolling({
        connection: { url: secretUrl(postgres.url) },
        table,
        contracts: [OrderPlaced],
        splits: of,
        pollMs: 20,
        maxBatch: 7,
      });
      while (!stop.signal.aborted) {
        const reader = new SplitReader(source, undefined, split(index, of));
        stop.signal.addEventListener("abort", () => void reader.stop());
        for (let batches = 0; batches < 3 && !stop.signal.aborted; batches++) {
          const batch = await reader.next().catch(() => undefined);
          for (const { value } of batch?.records ?? []) seen.set(value.customerId, [...(seen.get(value.customerId) ?? []), value.orderId]);
          await batch?.acknowledge?.();
        }
        await reader.stop();
      }
    };
    const readers = [read(0, 2), read(1, 2), read(0, 3), read(1, 3), read(2, 3)];
    const customers = ["a", "b", "c", "d", "e", "f"];
    for (let index = 0; index < 30; index++) {
      await client.query("begin");
      for (const customer of customers) await write(String(index), customer);
      await client.query("commit");
    }
    await expect.poll(left, { timeout: 20_000 }).toBe(0);
    stop.abort();
    await Promise.all(readers);
    const expected = Array.from({ length: 30 }, (_, index) => String(index));
    for (const customer of customers) expect(seen.get(customer)).toEqual(expected);
  });

  it("says what the table lacks", async () => {
    const { client } = await setUp();
    await client.query(outboxTableSql({ table: "unsequenced" }));
    const source = postgresOutboxPolling({ connection: { url: secretUrl(postgres.url) }, table: "unsequenced", contracts: [OrderPlaced] });
    await expect(source.check?.(connectorContext())).rejects.toThrow("table public.unsequenced lacks sequence, published_at");
    expect(await source.splits?.(connectorContext())).toHaveLength(4);
  });
});
