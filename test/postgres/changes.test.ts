import { defineConnector, type Position, runConnector, toTopic } from "@org/bus-connect";
import { changesTo, type PostgresChangesOptions, postgresChanges, type RowChange } from "@org/bus-connect-postgres";
import { createBus, memory } from "@org/bus-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { Article } from "../contracts/gen/shop/v1/shop.js";
import { connectorContext } from "../support/connector-context.js";
import { seededRandom } from "../support/random.js";
import { postgresForTests } from "../support/servers/postgres.js";
import { connect, SplitReader, secretUrl } from "./setup.js";

const postgres = await postgresForTests();

let created = 0;

/** A table of the test alone. */
async function setUp(columns: string, options: Partial<PostgresChangesOptions> = {}) {
  const table = `captured_${++created}`;
  const client = await connect(postgres.url);
  await client.query(`create table ${table} (${columns})`);
  // slots belong to the server, which other test files may use too
  const slot = `${table}_${process.pid}`;
  const source = postgresChanges({ connection: { url: secretUrl(postgres.url) }, tables: [table], slot, ...options });
  return { client, table, slot, source };
}

const summary = ({ op, key, after }: RowChange) =>
  `${op} ${Object.values(key).join("/")}${after === undefined ? "" : ` ${JSON.stringify(after.title ?? null)}`}`;
const values = (records: readonly { readonly value: RowChange }[]) => records.map(({ value }) => value);

describe.skipIf(!postgres.available)("postgresChanges", () => {
  it("gives the rows that are there, and then what changes", async () => {
    const { client, table, source } = await setUp("id int primary key, title text");
    await client.query(`insert into ${table} values (1, 'a'), (2, 'b')`);
    const reader = new SplitReader(source);
    const first = await reader.records(2);
    expect(values(first.records).map(summary)).toEqual(['read 1 "a"', 'read 2 "b"']);
    expect(first.records[0]).toMatchObject({ key: "1", id: `public.${table}/1@read` });

    await client.query(`insert into ${table} values (3, 'c')`);
    await client.query(`update ${table} set title = 'A' where id = 1`);
    await client.query(`update ${table} set id = 20 where id = 2`);
    await client.query(`delete from ${table} where id = 3`);
    const { records } = await reader.records(5);
    expect(values(records).map(summary)).toEqual(['insert 3 "c"', 'update 1 "A"', "delete 2", 'insert 20 "b"', "delete 3"]);
    expect(records.map(({ key }) => key)).toEqual(["3", "1", "2", "20", "3"]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(5);
  });

  it("reads values in their types, the same from a row and from a change", async () => {
    const { client, table, source } = await setUp(
      `id uuid primary key, small int2, big int8, exact numeric(30, 10), ratio float8, flag bool, bytes bytea, document jsonb, at timestamptz,
       never timestamptz, day date, span interval, numbers int8[], words text[], times timestamptz[], missing text`,
    );
    const row = `('7f0c6fd4-3f0c-4a5e-8a53-0123456789ab', -7, 9007199254740993, 12345678901234567890.0123456789, 'NaN', true, '\\x00ff', '{"a": [1, null]}',
      '2026-11-28 16:00:00.000001+02', 'infinity', '2026-02-28', '1 day 2 seconds', '{1,NULL,-9007199254740993}', '{"a b","q\\"",NULL,""}', '{"1970-01-01 00:00:01+00"}', null)`;
    await client.query(`insert into ${table} values ${row}`);
    const reader = new SplitReader(source);
    const read = (await reader.records(1)).records[0]?.value;
    const expected = {
      id: "7f0c6fd4-3f0c-4a5e-8a53-0123456789ab",
      small: -7,
      big: 9_007_199_254_740_993n,
      exact: "12345678901234567890.0123456789",
      ratio: Number.NaN,
      flag: true,
      bytes: Buffer.from([0, 255]),
      document: { a: [1, null] },
      at: { seconds: BigInt(Date.UTC(2026, 10, 28, 14) / 1000), nanos: 1_000 },
      never: "infinity",
      day: "2026-02-28",
      span: "P1DT2S",
      numbers: [1n, null, -9_007_199_254_740_993n],
      words: ["a b", 'q"', null, ""],
      times: [{ seconds: 1n, nanos: 0 }],
      missing: null,
    };
    expect(read?.after).toEqual(expected);
    await client.query(`delete from ${table}`);
    await client.query(`insert into ${table} values ${row}`);
    const [, inserted] = values((await reader.records(2)).records);
    expect(inserted?.after).toEqual(expected);
  });

  it("tells which large values an update has left out, and has them where the table keeps whole rows", async () => {
    const { client, table, source } = await setUp("id int primary key, title text, body text");
    await client.query(`alter table ${table} alter column body set storage external`);
    await client.query(`insert into ${table} values (1, 'a', repeat('x', 10000))`);
    const reader = new SplitReader(source);
    await reader.records(1);
    await client.query(`update ${table} set title = 'b'`);
    const [update] = values((await reader.records(1)).records);
    expect(update).toMatchObject({ op: "update", after: { id: 1, title: "b" }, before: undefined, unchanged: ["body"] });
    expect(update?.after).not.toHaveProperty("body");

    await client.query(`alter table ${table} replica identity full`);
    await client.query(`update ${table} set title = 'c'`);
    const [whole] = values((await reader.records(1)).records);
    expect(whole).toMatchObject({ before: { title: "b" }, after: { title: "c", body: "x".repeat(10_000) }, unchanged: [] });
  });

  it("has columns that are added, and refuses a truncation and a primary key that is another", async () => {
    const { client, table, source } = await setUp("id int primary key, title text");
    const reader = new SplitReader(source);
    await (await reader.next()).acknowledge?.();
    await client.query(`alter table ${table} add column stock int`);
    await client.query(`insert into ${table} values (1, 'a', 5)`);
    expect(values((await reader.records(1)).records)).toMatchObject([{ after: { id: 1, title: "a", stock: 5 } }]);
    await client.query(`alter table ${table} rename column id to number`);
    await client.query(`insert into ${table} values (2, 'b', 5)`);
    await expect(reader.records(1)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("has no id, which was of its primary key"),
    });

    const truncated = await setUp("id int primary key, title text");
    const other = new SplitReader(truncated.source);
    await other.next();
    await truncated.client.query(`truncate ${truncated.table}`);
    await expect(other.records(1)).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("was truncated") });
  });

  it("keeps a compacted topic as the table is: a tombstone for each row that is gone", async () => {
    const { client, table, source } = await setUp("sku text primary key, title text, price int8");
    await client.query(`insert into ${table} values ('a', 'Tea', 5), ('b', 'Pot', 9)`);
    const transport = memory();
    await using bus = createBus({ service: "test", transport });
    await bus.topics.ensure([Article]);
    const transforms = [
      changesTo(Article, table, (row) => ({ sku: String(row.sku), title: String(row.title), priceCents: row.price as bigint })),
    ] as const;
    await using _running = runConnector(bus, defineConnector({ name: `articles-${table}`, source, transforms, sink: toTopic(Article) }));
    const topic = Article.topic?.name ?? "";
    const newest = () => {
      const articles = new Map<string, string | null>();
      for (const { key, value } of transport.broker.records(topic))
        articles.set(Buffer.from(key ?? []).toString(), value && Article.decode(value).title);
      return Object.fromEntries(articles);
    };
    await expect.poll(newest).toEqual({ a: "Tea", b: "Pot" });
    await client.query(`update ${table} set title = 'Green tea' where sku = 'a'`);
    await client.query(`delete from ${table} where sku = 'b'`);
    await expect.poll(newest).toEqual({ a: "Green tea", b: null });
  });

  it("says what a table lacks", async () => {
    const { source } = await setUp("title text");
    await expect(source.check?.(connectorContext())).rejects.toThrow("has no primary key");
  });

  it.each([
    [1, 100, 7],
    [2, 100, 40],
    // reading so many takes long enough for rows to change meanwhile
    [3, 4_000, 4_000],
  ])(
    "ends with the table as it is, and never goes back, while rows change, are read in chunks and reading starts again (seed %i, %i rows, %i in a chunk)",
    async (seed, rowCount, chunkRows) => {
      const random = seededRandom(seed);
      const { client, table, source } = await setUp("a int, b text, version bigint not null, primary key (a, b)", {
        chunkRows,
        maxBatch: Math.ceil(chunkRows / 4),
        heartbeatMs: 100,
      });
      await client.query(`create sequence ${table}_version`);
      const version = `nextval('${table}_version')`;
      await client.query(`insert into ${table} select n % 10, 'k' || n, ${version} from generate_series(0, ${rowCount - 1}) n`);
      const writers = await Promise.all([1, 2].map(() => connect(postgres.url)));
      let writing = true;
      const write = async (writer: (typeof writers)[number]): Promise<void> => {
        for (let done = 0; done < 120; done++) {
          const n = Math.floor(random() * 120);
          const key = `a = ${n % 10} and b = 'k${n}'`;
          if (random() < 0.2) await writer.query(`delete from ${table} where ${key}`);
          else {
            await writer.query(`insert into ${table} values (${n % 10}, 'k${n}', ${version}) on conflict (a, b) do update set version = ${version}`);
          }
        }
      };
      // moves the log on when nobody writes any more, so that a reader that has everything gets a heartbeat
      const tick = setInterval(() => void client.query("select pg_logical_emit_message(true, 'test', '')").catch(() => {}), 50);
      onTestFinished(() => clearInterval(tick));
      const writes = Promise.all(writers.map(write)).finally(() => {
        writing = false;
      });

      const copy = new Map<string, bigint>();
      const newest = new Map<string, bigint>();
      let position: Position | undefined;
      const rowsNow = async () =>
        (await client.query(`select a, b, version::text from ${table}`)).rows.map((row) => [`${row.a}/${row.b}`, BigInt(row.version)] as const);
      const isSame = async () => {
        const rows = await rowsNow();
        return rows.length === copy.size && rows.every(([key, at]) => copy.get(key) === at);
      };
      for (let starts = 0; starts === 0 || writing || !(await isSame()); starts++) {
        const reader = new SplitReader(source, position);
        const batches = writing ? Math.floor(random() * 12) : 3;
        for (let count = 0; count < batches; count++) {
          const batch = await reader.next();
          for (const { value } of batch.records) {
            const key = Object.values(value.key).join("/");
            const at = value.after?.version as bigint | undefined;
            if (at === undefined) copy.delete(key);
            else {
              expect(at).toBeGreaterThanOrEqual(newest.get(key) ?? 0n);
              newest.set(key, at);
              copy.set(key, at);
            }
          }
          // all of it is written, and only sometimes is that told to the server
          position = batch.position;
          if (random() < 0.5) await batch.acknowledge?.();
        }
        await reader.stop();
      }
      await writes;
      expect(new Map(await rowsNow())).toEqual(copy);
    },
  );
});
