import { defineConnector, runConnector, type SinkWriter, type WriteOutcome, written } from "@org/bus-connect";
import { type PostgresSinkOptions, postgresSink } from "@org/bus-connect-postgres";
import { createBus, headerText, memory } from "@org/bus-core";
import { startPostgres } from "@org/bus-testkit/postgres";
import { describe, expect, it, onTestFinished } from "vitest";
import { Article, OrderPlaced } from "../contracts/gen/shop/v1/shop.js";
import { Person } from "../contracts/gen/topics/v1/topics.js";
import { canary } from "../support/canary.js";
import { connectorContext, recordOf } from "../support/connector-context.js";
import { postgresForTests } from "../support/servers/postgres.js";
import { startProxy } from "../support/servers/tcp-proxy.js";
import { connect, secretUrl } from "./setup.js";

const postgres = await postgresForTests();

async function openSink<T extends object, Init extends object>(
  options: Omit<PostgresSinkOptions<T, Init>, "connection">,
  url = postgres.url,
): Promise<SinkWriter<T | undefined>> {
  const writer = await postgresSink<T, Init>({ ...options, connection: { url: secretUrl(url) } }).open(connectorContext());
  onTestFinished(() => writer.close());
  return writer;
}

const attempt = { signal: new AbortController().signal, attempt: 1 };
const article = (sku: string, title: string): Article => Article.decode(Article.encode({ sku, title }));
const statuses = (outcomes: readonly WriteOutcome[]): string[] => outcomes.map(({ status }) => status);

describe.skipIf(!postgres.available)("postgresSink", () => {
  it("makes a table of a contract, and keeps each field in its type", async () => {
    const sink = await openSink({ contract: Article, table: "typed", createTable: true });
    const full = Article.decode(
      Article.encode({
        sku: 'a"b\\c',
        title: "Tea, ☕",
        priceCents: 9_007_199_254_740_993n,
        views: 18_446_744_073_709_551_615n,
        rating: 4.5,
        tags: ['with "quotes"', "back\\slash", "", "NULL"],
        updatedAt: { seconds: 1_700_000_000n, nanos: 123_456_789 },
        delivery: { seconds: 90n, nanos: 500_000_000 },
        thumbnail: new Uint8Array([0, 255, 92]),
        stock: new Map([["berlin", 3n]]),
        maker: { name: "Ada", since: { seconds: 0n, nanos: 1_000 }, employees: 12n },
        offer: { case: "voucher", value: "SPRING" },
      }),
    );
    expect(await sink.write([recordOf(full), recordOf(article("bare", ""))], attempt)).toEqual([written, written]);

    const client = await connect(postgres.url);
    const { rows } = await client.query("select *, updated_at::text as exact, delivery::text as delivery from typed order by title");
    expect(rows).toMatchObject([
      {
        sku: "bare",
        title: "",
        price_cents: "0",
        rating: null,
        tags: [],
        updated_at: null,
        stock: {},
        maker: null,
        rebate_percent: null,
        voucher: null,
      },
      {
        sku: 'a"b\\c',
        title: "Tea, ☕",
        price_cents: "9007199254740993",
        views: "18446744073709551615",
        rating: 4.5,
        tags: ['with "quotes"', "back\\slash", "", "NULL"],
        exact: "2023-11-14 22:13:20.123456+00",
        delivery: "00:01:30.5",
        thumbnail: Buffer.from([0, 255, 92]),
        stock: { berlin: "3" },
        maker: { name: "Ada", since: "1970-01-01T00:00:00.000001Z", employees: "12" },
        rebate_percent: null,
        voucher: "SPRING",
      },
    ]);
  });

  it("keeps the newest of a key, within a batch and between them, and deletes on a tombstone", async () => {
    const sink = await openSink({ contract: Article, table: "newest", createTable: true });
    const client = await connect(postgres.url);
    const titles = async () => (await client.query("select sku, title from newest order by sku")).rows.map(({ sku, title }) => `${sku}=${title}`);

    await sink.write([recordOf(article("a", "1")), recordOf(article("b", "1")), recordOf(article("a", "2")), recordOf(article("c", "1"))], attempt);
    expect(await titles()).toEqual(["a=2", "b=1", "c=1"]);

    const gone = (sku: string) => recordOf(undefined, { key: sku });
    const outcomes = await sink.write(
      [gone("a"), recordOf(article("b", "2")), gone("b"), gone("c"), recordOf(article("c", "3")), gone("never")],
      attempt,
    );
    expect(outcomes).toEqual(Array(6).fill(written));
    expect(await titles()).toEqual(["c=3"]);
  });

  it("rejects what the table refuses, and writes its neighbours", async () => {
    const client = await connect(postgres.url);
    await client.query("create table picky (sku text primary key, title text check (title <> 'bad'))");
    const columns = { title: { type: "text", value: (message: Article) => message.title } };
    for (const name of [
      "price_cents bigint",
      "views numeric",
      "rating float8",
      "tags text[]",
      "updated_at timestamptz",
      "delivery interval",
      "thumbnail bytea",
    ])
      await client.query(`alter table picky add column ${name}`);
    await client.query("alter table picky add column stock jsonb, add column maker jsonb, add column rebate_percent int, add column voucher text");
    const sink = await openSink({ contract: Article, table: "picky", columns });
    const records = Array.from({ length: 200 }, (_, index) => recordOf(article(`s${index}`, [17, 18, 140].includes(index) ? "bad" : "good")));
    // text cannot hold a NUL
    records[99] = recordOf(article("s99", "a\0b"));

    const outcomes = await sink.write(records, attempt);

    expect(outcomes.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([17, 18, 99, 140]);
    expect((await client.query("select count(*)::int as count from picky")).rows).toEqual([{ count: 196 }]);
    const [outcome] = outcomes.filter(({ status }) => status === "rejected");
    expect(outcome).toMatchObject({ error: { code: "malformed_message", message: expect.stringContaining("picky_title_check") } });
  });

  it("writes the one before where the newest of a key is refused", async () => {
    const client = await connect(postgres.url);
    const sink = await openSink({ contract: Article, table: "previous", createTable: true });
    await client.query("alter table previous add check (title <> 'bad')");
    const outcomes = await sink.write(
      ["1", "2", "bad", "bad"].map((title) => recordOf(article("a", title))),
      attempt,
    );
    expect(statuses(outcomes)).toEqual(["written", "written", "rejected", "rejected"]);
    expect((await client.query("select title from previous")).rows).toEqual([{ title: "2" }]);
  });

  it("does not say what a refused value was", async () => {
    const client = await connect(postgres.url);
    await client.query("create table numbers (order_id int primary key, customer_id text, total_cents bigint)");
    const sink = await openSink({ contract: OrderPlaced, table: "numbers", key: ["order_id"] });
    const [outcome] = await sink.write([recordOf({ orderId: "hunter2", customerId: "c", totalCents: 1n })], attempt);
    expect(outcome).toMatchObject({
      status: "rejected",
      error: { message: expect.stringContaining("invalid input syntax for type integer (22P02)") },
    });
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  });

  it("has the errors of a connector withheld where its contract has sensitive fields", async () => {
    const transport = memory();
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    await using bus = createBus({ service: "test", transport, logger });
    const name = `${canary}a`;
    const records = [recordOf<Person | undefined>(Person.decode(Person.encode({ id: { number: 1n }, name })))];
    const source = {
      name: "feed",
      replayable: false,
      bounded: true,
      async *read() {
        yield { records };
      },
    };
    const refused = (person: Person): never => {
      throw new TypeError(`no initials of ${person.name}`);
    };
    const sink = postgresSink({
      connection: { url: secretUrl(postgres.url) },
      contract: Person,
      table: "people",
      key: ["name"],
      createTable: true,
      columns: { initials: { type: "text", value: refused } },
    });
    await runConnector(bus, defineConnector({ name: "people", source, sink, failure: { tolerate: "all" } })).finished;
    const [letter] = transport.broker.records("people.dlq");
    expect(headerText(letter?.headers ?? {}, "bus-dlq-error-message")).toContain("withheld: connector people has sensitive fields");
    expect(JSON.stringify(Object.keys(letter?.headers ?? {}).map((header) => headerText(letter?.headers ?? {}, header)))).not.toContain(canary);
  });

  it("writes into columns of any type, and cuts off nothing", async () => {
    const client = await connect(postgres.url);
    await client.query("create type mood as enum ('calm', 'so \"so\"'); create domain percent as int check (value <= 100)");
    const values: readonly (readonly [type: string, text: string])[] = [
      ["varchar(3)", "abc"],
      ["char(2)", "ab"],
      ["bit(3)", "101"],
      ["varbit(4)", "01"],
      ["numeric(6,2)", "12.50"],
      ["mood", 'so "so"'],
      ["percent", "99"],
      ["box", "(2,2),(1,1)"],
      ["int[]", "{1,2}"],
      ["text[]", '{"a,b","{"}'],
      ["int4range", "[1,5)"],
      ["json", '{"a":"\\""}'],
      ["uuid", "018fa0a4-9c3e-7000-8000-000000000001"],
      ["timestamp(0)", "2026-11-28 16:00:00"],
    ];
    await client.query(
      `create table many (order_id text primary key, customer_id varchar(5), total_cents bigint, ${values.map(([type], index) => `c${index} ${type}`).join(", ")})`,
    );
    const columns = Object.fromEntries(values.map(([type, text], index) => [`c${index}`, { type, value: () => text }]));
    const sink = await openSink({ contract: OrderPlaced, table: "many", key: ["order_id"], columns });
    const order = (orderId: string, customerId: string) => recordOf({ orderId, customerId, totalCents: 1n });

    expect(statuses(await sink.write([order("1", "short"), order("2", "longer")], attempt))).toEqual(["written", "rejected"]);

    const { rows } = await client.query(`select ${values.map((_, index) => `c${index}::text`).join(", ")} from many`);
    expect(rows.map((row) => Object.values(row))).toEqual([values.map(([, text]) => text)]);
  });

  it("inserts each record once, however often it comes", async () => {
    const sink = await openSink({ contract: OrderPlaced, table: "placed", mode: "insert", createTable: true });
    const order = (id: string, customerId: string) => recordOf({ orderId: id, customerId, totalCents: 5n }, { id: `orders[0]@${id}` });
    await sink.write([order("1", "c"), order("2", "c")], attempt);
    expect(statuses(await sink.write([order("2", "c"), order("3", "c"), order("3", "c")], attempt))).toEqual(["written", "written", "written"]);
    const client = await connect(postgres.url);
    expect((await client.query("select record_id from placed order by 1")).rows.map(({ record_id }) => record_id)).toEqual([
      "orders[0]@1",
      "orders[0]@2",
      "orders[0]@3",
    ]);
  });

  it("leaves a row that is newer already, where a column says so", async () => {
    const sink = await openSink({ contract: Article, table: "versions", createTable: true, newerBy: "views" });
    const version = (views: bigint) => recordOf(Article.decode(Article.encode({ sku: "a", title: `v${views}`, views })));
    await sink.write([version(3n)], attempt);
    await sink.write([version(2n)], attempt);
    const client = await connect(postgres.url);
    expect((await client.query("select title from versions")).rows).toEqual([{ title: "v3" }]);
  });

  it("quotes names whatever they hold", async () => {
    const client = await connect(postgres.url);
    await client.query('create schema "we""ird"');
    const sink = await openSink({ contract: OrderPlaced, table: { schema: 'we"ird', name: "drop table; --" }, key: ["order_id"], createTable: true });
    await sink.write([recordOf({ orderId: "1", customerId: "c", totalCents: 5n })], attempt);
    expect((await client.query('select order_id from "we""ird"."drop table; --"')).rows).toEqual([{ order_id: "1" }]);
  });

  it("says what is wrong with its options and its table", async () => {
    expect(() => postgresSink({ contract: OrderPlaced, table: "a.b.c", connection: { url: "postgres://x" as never } })).toThrow(
      /table .*connection\.url|connection\.url .*table/,
    );
    await expect(openSink({ contract: Article, table: "missing" })).rejects.toMatchObject({
      code: "invalid_options",
      message: expect.stringContaining("there is no table public.missing; make it, or set createTable: create table"),
    });
    const client = await connect(postgres.url);
    await client.query("create table partial (order_id text, customer_id text)");
    await expect(openSink({ contract: OrderPlaced, table: "partial", key: ["order_id"] })).rejects.toThrow('add column "total_cents" bigint');
    await client.query("alter table partial add column total_cents bigint");
    await expect(openSink({ contract: OrderPlaced, table: "partial", key: ["order_id"] })).rejects.toThrow("create unique index");
    await client.query("create unique index on partial (order_id)");
    await openSink({ contract: OrderPlaced, table: "partial", key: ["order_id"] });
  });

  it("asks for another try while PostgreSQL is away, and goes on when it is back", async () => {
    await using server = await startPostgres();
    const sink = await openSink({ contract: OrderPlaced, table: "placed", key: ["order_id"], createTable: true }, server.url);
    const order = recordOf({ orderId: "1", customerId: "c", totalCents: 5n });
    await sink.write([order], attempt);
    await server.crash();
    await expect(sink.write([order], attempt)).rejects.toMatchObject({ code: "transport_failed", retryable: true });
    await server.restart();
    // connections that died meanwhile are found out one by one
    await expect.poll(() => sink.write([order], attempt).then(statuses, () => [])).toEqual(["written"]);
  });

  it("asks for another try where the way to PostgreSQL has silently gone", async () => {
    const proxy = await startProxy({ host: "127.0.0.1", port: Number(new URL(postgres.url).port) });
    onTestFinished(() => proxy.cut());
    const url = new URL(postgres.url);
    url.port = String(proxy.port);
    const sink = await postgresSink({
      contract: OrderPlaced,
      table: "silent",
      key: ["order_id"],
      createTable: true,
      connection: { url: secretUrl(url.href), statementTimeoutMs: 300, connectTimeoutMs: 300 },
    }).open(connectorContext());
    onTestFinished(() => sink.close());
    const order = recordOf({ orderId: "1", customerId: "c", totalCents: 5n });
    expect(statuses(await sink.write([order], attempt))).toEqual(["written"]);
    proxy.freeze();
    await expect(sink.write([order], attempt)).rejects.toMatchObject({ code: "transport_failed", retryable: true });
    await expect(sink.write([order], attempt)).rejects.toMatchObject({ code: "transport_failed", retryable: true });
    await proxy.mend();
    expect(statuses(await sink.write([order], attempt))).toEqual(["written"]);
  });

  it("cuts a write whose signal fires", async () => {
    const client = await connect(postgres.url);
    const sink = await openSink({ contract: OrderPlaced, table: "locked", key: ["order_id"], createTable: true });
    await client.query("begin; lock table locked");
    const attemptSignal = new AbortController();
    const write = sink.write([recordOf({ orderId: "1", customerId: "c", totalCents: 5n })], { signal: attemptSignal.signal, attempt: 1 });
    attemptSignal.abort();
    await expect(write).rejects.toMatchObject({ code: "aborted" });
    await client.query("rollback");
  });
});
