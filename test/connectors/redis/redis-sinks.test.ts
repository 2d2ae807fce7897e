import { randomUUID } from "node:crypto";
import { propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { ConnectRecord, Sink } from "@org/bus-connect";
import { redisHashSink, redisKeySink, redisStreamSink, redisStreamSource } from "@org/bus-connect-redis";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Article } from "../../contracts/gen/shop/v1/shop.js";
import { connectorContext, recordOf, startReading, writeContext } from "../../support/connector-context.js";
import { redisForTests } from "../../support/servers/redis.js";

const redis = await redisForTests();

interface Order {
  readonly total?: bigint | undefined;
  readonly note?: string | undefined;
  readonly paid?: boolean;
  readonly raw?: Uint8Array;
  readonly items?: readonly unknown[];
  readonly at?: Date;
}

describe.skipIf(!redis.available)("sinks of Redis", () => {
  const client = createClient({ url: redis.url });
  const url = redis.url;
  const unique = (): string => randomUUID();

  beforeAll(async () => {
    if (redis.available) await client.connect();
  });
  afterAll(async () => {
    if (client.isOpen) await client.close();
  });

  async function write<T>(sink: Sink<T>, records: readonly ConnectRecord<T>[], context = connectorContext()): Promise<string[]> {
    const writer = await sink.open(context);
    const outcomes = await writer.write(records, writeContext());
    await writer.close();
    return outcomes.map((outcome) => ("error" in outcome ? `${outcome.status}: ${outcome.error}` : outcome.status));
  }

  describe("redisHashSink", () => {
    it("keeps the newest message of a key, and no field of older ones", async () => {
      const prefix = `${unique()}:`;
      const first: Order = { total: 12n, note: "fragile", paid: true, raw: new Uint8Array([104, 105]), items: [1n], at: new Date(0) };
      const records = [recordOf(first, { key: "a" }), recordOf<Order>({ total: 13n, note: undefined }, { key: Buffer.from("b") })];
      expect(await write(redisHashSink<Order>({ url, prefix }), records)).toEqual(["written", "written"]);
      expect(await client.hGetAll(`${prefix}a`)).toEqual({
        total: "12",
        note: "fragile",
        paid: "true",
        raw: "hi",
        items: '["1"]',
        at: "1970-01-01T00:00:00.000Z",
      });
      expect(await client.hGetAll(`${prefix}b`)).toEqual({ total: "13" });

      expect(await write(redisHashSink<Order>({ url, prefix }), [recordOf<Order>({ total: 14n }, { key: "a" })])).toEqual(["written"]);
      expect(await client.hGetAll(`${prefix}a`)).toEqual({ total: "14" });
    });

    it("has a field for each field of a contract: bytes as they are, the rest as in the JSON of Protobuf", async () => {
      const prefix = `${unique()}:`;
      const updatedAt = { seconds: 1_700_000_000n, nanos: 500_000_000 };
      const init = {
        sku: "A",
        priceCents: 5n,
        tags: ["new", "red"],
        updatedAt,
        thumbnail: Buffer.from("jpg"),
        offer: { case: "voucher", value: "SALE" } as const,
      };
      const article = Article.decode(Article.encode(init));
      const record = recordOf<Article | undefined>(article, { key: "A", contract: Article });
      expect(await write(redisHashSink<Article | undefined>({ url, prefix }), [record])).toEqual(["written"]);
      expect(await client.hGetAll(`${prefix}A`)).toEqual({
        sku: "A",
        title: "",
        priceCents: "5",
        views: "0",
        tags: '["new","red"]',
        updatedAt: "2023-11-14T22:13:20.500Z",
        thumbnail: "jpg",
        stock: "{}",
        voucher: "SALE",
      });
    });

    it("writes the last of several records of one key, and removes the key of a tombstone", async () => {
      const prefix = `${unique()}:`;
      const sink = redisHashSink<Order | undefined>({ url, prefix });
      const records = [recordOf({ total: 1n }, { key: "a" }), recordOf({ total: 2n }, { key: "a" }), recordOf({ total: 3n }, { key: "b" })];
      expect(await write(sink, records)).toEqual(["written", "written", "written"]);
      expect(await client.hGet(`${prefix}a`, "total")).toBe("2");
      expect(await write(sink, [recordOf(undefined, { key: "a" }), recordOf(undefined, { key: "never" })])).toEqual(["written", "written"]);
      expect(await client.exists([`${prefix}a`, `${prefix}b`])).toBe(1);
    });

    it("rejects what cannot be kept, and leaves keys that hold something else as they are", async () => {
      const prefix = `${unique()}:`;
      await client.set(`${prefix}text`, "mine");
      const sink = redisHashSink<Order | undefined>({ url, prefix });
      const records = [
        recordOf({ total: 1n }, { id: "1", key: "text" }),
        recordOf(undefined, { id: "2", key: "text" }),
        recordOf({ total: 1n }, { id: "3" }),
        recordOf({}, { id: "4", key: "empty" }),
        recordOf({ total: 1n }, { id: "5", key: "good" }),
      ];
      expect(await write(sink, records)).toEqual([
        expect.stringMatching(/^rejected: BusError: 2 cannot be written to \S+text: WRONGTYPE/),
        expect.stringMatching(/^rejected: BusError: 2 cannot be written to \S+text: WRONGTYPE/),
        "rejected: BusError: 3 has no key, give one as a function of the record",
        "rejected: BusError: 4 has no field that is set, and Redis has no hash without one",
        "written",
      ]);
      expect(await client.get(`${prefix}text`)).toBe("mine");
    });

    it("takes key, fields and time to live from its options", async () => {
      const key = unique();
      const sink = redisHashSink<Order>({ url, key: () => key, fields: ({ value }) => ({ sum: value.total }), ttlMs: 60_000 });
      expect(await write(sink, [recordOf<Order>({ total: 1n })])).toEqual(["written"]);
      expect(await client.hGetAll(key)).toEqual({ sum: "1" });
      expect(await client.pTTL(key)).toBeGreaterThan(50_000);
    });
  });

  describe("redisKeySink", () => {
    it("keeps text and bytes as they are and anything else as JSON, and removes the keys of tombstones", async () => {
      const prefix = `${unique()}:`;
      const sink = redisKeySink<unknown>({ url, prefix, ttlMs: 60_000 });
      const records = [recordOf<unknown>("text", { key: "a" }), recordOf<unknown>({ total: 12n }, { key: "b" })];
      expect(await write(sink, records)).toEqual(["written", "written"]);
      expect(await client.mGet([`${prefix}a`, `${prefix}b`])).toEqual(["text", '{"total":"12"}']);
      expect(await client.pTTL(`${prefix}a`)).toBeGreaterThan(50_000);
      expect(await write(sink, [recordOf<unknown>(null, { key: "a" })])).toEqual(["written"]);
      expect(await client.exists(`${prefix}a`)).toBe(0);

      await client.hSet(`${prefix}hash`, "a", "1");
      expect(await write(sink, [recordOf<unknown>("x", { id: "1", key: "hash" })])).toEqual([
        expect.stringContaining("rejected: BusError: 1 cannot be written"),
      ]);
    });
  });

  describe("redisStreamSink", () => {
    const ofTopic = (offset: number, suffix = "", partition = 0): ConnectRecord<Order> =>
      recordOf<Order>({ total: BigInt(offset) }, { id: `orders[${partition}]@${offset}${suffix}`, origin: { topic: "orders", partition, offset } });
    const entries = async (stream: string) => ((await client.xRange(stream, "-", "+")) ?? []).map(({ message }) => message.total);

    it("adds entries that the source reads back with their headers and their trace", async () => {
      propagation.setGlobalPropagator(new W3CTraceContextPropagator());
      const stream = unique();
      const spanContext = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
      const record = recordOf<Order>(
        { total: 1n },
        { headers: { source: Buffer.from("shop") }, context: trace.setSpanContext(ROOT_CONTEXT, spanContext) },
      );
      expect(await write(redisStreamSink<Order>({ url, stream }), [record])).toEqual(["written"]);
      await using reading = await startReading(redisStreamSource({ url, streams: stream }));
      const read = (await reading.next())?.records[0];
      expect(read?.value).toEqual({ total: "1" });
      expect(Buffer.from((read?.headers.source as Uint8Array | undefined) ?? []).toString()).toBe("shop");
      expect(trace.getSpanContext(read?.context ?? ROOT_CONTEXT)?.traceId).toBe(spanContext.traceId);
    });

    it("adds each record of a topic once, whatever comes again, and says so", async () => {
      const stream = unique();
      const sink = redisStreamSink<Order>({ url, stream });
      const context = connectorContext();
      await write(sink, [ofTopic(7), ofTopic(8, "#0"), ofTopic(8, "#1")], context);
      await write(sink, [ofTopic(8, "#0"), ofTopic(8, "#1"), ofTopic(8, "#2"), ofTopic(10)], context);
      await write(sink, [ofTopic(7, "", 1)], context);
      expect(await entries(stream)).toEqual(["7", "8", "8", "8", "10", "7"]);
      expect(context.warnings).toEqual([
        `2 records were in ${stream} already and are not added again: {${stream}}:offsets says so, remove test/orders[0] there to repeat them`,
      ]);
      await write(redisStreamSink<Order>({ url, stream, deduplicate: false }), [ofTopic(7)]);
      await write(sink, [recordOf<Order>({ total: 99n }), recordOf<Order>({ total: 99n })]);
      expect((await entries(stream)).slice(6)).toEqual(["7", "99", "99"]);
    });

    it("trims, and routes by a function of the record", async () => {
      const prefix = unique();
      const sink = redisStreamSink<Order>({ url, stream: ({ value }) => `${prefix}:${Number(value.total) % 2}`, maxLength: 100 });
      await write(
        sink,
        Array.from({ length: 2000 }, (_, index) => ofTopic(index)),
      );
      expect(await client.xLen(`${prefix}:0`)).toBeLessThan(300);
      expect((await entries(`${prefix}:1`)).at(-1)).toBe("1999");
    });

    it("adds nothing behind what fails, and rejects where the key holds something else", async () => {
      const stream = unique();
      await client.set(stream, "text");
      expect(await write(redisStreamSink<Order>({ url, stream }), [ofTopic(1), ofTopic(2)])).toEqual([
        expect.stringMatching(/^rejected: .*WRONGTYPE/),
        expect.stringMatching(/^rejected: .*WRONGTYPE/),
      ]);
      await expect(redisStreamSink({ url, stream }).check?.(connectorContext())).rejects.toThrow(
        `the key ${stream} holds a string, stream must name a stream`,
      );
    });
  });

  it("count as written only what enough replicas have, where they are told to", async () => {
    const sink = redisKeySink<string>({ url, prefix: unique(), minReplicas: 1, replicationTimeoutMs: 10 });
    expect(await write(sink, [recordOf("x", { key: "a" })])).toEqual(["retriable: BusError: only 0 replicas have it after 10 ms, minReplicas is 1"]);
    expect(() => redisKeySink({ url, cluster: true, minReplicas: 1 })).toThrow(
      "redisKeySink: minReplicas 1 must be 0 for a cluster, where it cannot be asked for all nodes together",
    );
    expect(() => redisKeySink({ url, minReplicas: 1, replicationTimeoutMs: 20_000 })).toThrow(
      "redisKeySink: replicationTimeoutMs 20000 must be < responseTimeoutMs, or the connection is taken for lost before replicas answer",
    );
  });
});
