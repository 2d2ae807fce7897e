import { randomUUID } from "node:crypto";
import { type RedisStreamSourceOptions, redisStreamSource } from "@org/bus-connect-redis";
import { headerText } from "@org/bus-core";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { recordMetrics } from "../../../packages/core/src/testing/recorded-metrics.js";
import { connectorContext, type Reading, startReading } from "../../support/connector-context.js";
import { redisForTests } from "../../support/servers/redis.js";

const redis = await redisForTests();

describe.skipIf(!redis.available)("redisStreamSource", () => {
  const client = createClient({ url: redis.url });

  beforeAll(async () => {
    if (redis.available) await client.connect();
  });
  afterAll(async () => {
    if (client.isOpen) await client.close();
  });

  const newStream = (): string => `orders-${randomUUID()}`;

  async function add(stream: string, ...values: readonly (string | Record<string, string>)[]): Promise<string[]> {
    const ids: string[] = [];
    for (const value of values) ids.push(await client.xAdd(stream, "*", typeof value === "string" ? { n: value } : value));
    return ids;
  }

  const read = <T = Readonly<Record<string, string>>>(
    streams: string | string[],
    options: Partial<RedisStreamSourceOptions> = {},
  ): Promise<Reading<T>> => startReading(redisStreamSource<T>({ url: redis.url, streams, ...options }));

  const pending = async (stream: string): Promise<number> => (await client.xPending(stream, "test")).pending;

  /** The values of the next batch that has any. */
  async function values(reading: Reading<Readonly<Record<string, string>>>): Promise<(string | undefined)[]> {
    return (await reading.next())?.records.map(({ value }) => value.n) ?? [];
  }

  it("shows a dry run what its group has not been given, and gives the group nothing of it", async () => {
    const stream = newStream();
    await add(stream, "1", "2", "3");
    await using first = await read(stream, { maxRecords: 2 });
    const batch = await first.next();
    await batch?.acknowledge?.();
    await first.stop();
    const source = redisStreamSource<{ readonly n: string }>({ url: redis.url, streams: stream });
    const seen: string[] = [];
    for await (const { records } of source.read({
      ...connectorContext(),
      split: { id: stream, settings: { stream } },
      position: undefined,
      readOnly: true,
    }))
      seen.push(...records.map(({ value }) => value.n));
    expect(seen).toEqual(["3"]);
    expect(await pending(stream)).toBe(0);
    await using second = await read(stream);
    expect(await values(second)).toEqual(["3"]);
  });

  it("reads entries in order as a group that it makes, and goes on with those that come", async () => {
    const stream = newStream();
    const [id] = await add(stream, { n: "1", "header:source": "shop", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }, "2");
    await using reading = await read(stream, { key: ({ fields }) => `${fields.get("n")}` });
    const batch = await reading.next();
    expect(batch?.records.map(({ id, key, value }) => ({ id, key, value }))[0]).toEqual({ id: `${stream}/${id}`, key: "1", value: { n: "1" } });
    const [record] = batch?.records ?? [];
    expect(record?.timestamp).toBe(Number(id?.split("-")[0]));
    expect(headerText(record?.headers ?? {}, "source")).toBe("shop");
    expect(headerText(record?.headers ?? {}, "traceparent")).toContain("0af7651916cd43dd8448eb211c80319c");
    const next = values(reading);
    await add(stream, "3");
    expect(await next).toEqual(["3"]);
  });

  it("acknowledges what was written; what was not comes again first, counted, and then what is new", async () => {
    const stream = newStream();
    await add(stream, "1", "2", "3");
    const reading = await read(stream, { maxRecords: 1 });
    const first = await reading.next();
    await reading.next();
    await first?.acknowledge?.();
    await reading.stop();
    expect(await pending(stream)).toBe(1);

    await using again = await read(stream);
    const batch = await again.next();
    expect(batch?.records.map(({ value, headers }) => [value.n, headerText(headers, "redis-deliveries")])).toEqual([["2", "2"]]);
    expect(await values(again)).toEqual(["3"]);
    await batch?.acknowledge?.();
    expect(await pending(stream)).toBe(1);
  });

  it("begins at the latest where it is told to", async () => {
    const stream = newStream();
    await add(stream, "1");
    await using reading = await read(stream, { start: "latest" });
    const next = values(reading);
    await expect.poll(async () => (await client.xInfoGroups(stream)).length).toBe(1);
    await add(stream, "2");
    expect(await next).toEqual(["2"]);
  });

  it("takes over what a consumer that is gone has left, and not what one is working on", async () => {
    const stream = newStream();
    await add(stream, "1", "2");
    await client.xGroupCreate(stream, "test", "0");
    await client.xReadGroup("test", "gone", { key: stream, id: ">" }, { COUNT: 1 });
    await using working = await read(stream, { claimAfterMs: 1000, consumers: 2 });
    expect(await values(working)).toEqual(["2"]);
    const split = { id: `${stream}#1`, settings: { stream } };
    await using other = await startReading(redisStreamSource({ url: redis.url, streams: stream, claimAfterMs: 1000, consumers: 2 }), { split });
    // by now both are handed out for more than claimAfterMs, but one of them shows that it is being worked on
    expect(await values(other)).toEqual(["1"]);
  });

  it("makes its group again when it is lost, reads everything (again), and says so", async () => {
    const stream = newStream();
    await add(stream, "1");
    await using reading = await read(stream, { start: "earliest" });
    await reading.next();
    const next = values(reading);
    await client.xGroupDestroy(stream, "test");
    expect(await next).toEqual(["1"]);
    expect(reading.context.warnings).toEqual([`the consumer group of ${stream} was lost, all entries that are there are read (again)`]);
  });

  it("tells of entries that were trimmed before they were acknowledged, and goes on", async () => {
    await using metrics = recordMetrics();
    const stream = newStream();
    await add(stream, "1", "2");
    const reading = await read(stream, { maxRecords: 1 });
    await reading.next();
    await reading.stop();
    await client.xTrim(stream, "MAXLEN", 0);
    await add(stream, "3");
    await using again = await read(stream);
    expect(await values(again)).toEqual(["3"]);
    expect(again.context.warnings).toEqual([
      `1 entries of ${stream} were trimmed or deleted before they were read: let the stream be longer, or read faster`,
      `1 entries of ${stream} were trimmed or deleted before they were acknowledged: let the stream be longer, or read faster`,
    ]);
    expect(await pending(stream)).toBe(1);
    expect(await metrics.total("bus.connect.redis.trimmed", { "bus.connect.redis.stream": stream })).toBe(2);
  });

  it("takes what was handed out too often for poison, and hands over what it cannot read", async () => {
    const stream = newStream();
    await add(stream, { data: "{hunter2" }, { other: "1" }, { data: '{"amount":"much"}' }, { data: '{"amount":1}' });
    const options = { field: "data", schema: z.object({ amount: z.number() }) };
    const reading = await read<{ amount: number }>(stream, options);
    const batch = await reading.next();
    expect(batch?.records.map(({ value }) => value)).toEqual([{ amount: 1 }]);
    const withoutIds = (errors: readonly { readonly error: unknown }[] = []) => errors.map(({ error }) => String(error).replace(/ \S+\//, " "));
    expect(withoutIds(batch?.unreadable)).toEqual([
      expect.stringMatching(/^BusError: \S+ has no JSON in the field data$/),
      expect.stringMatching(/^BusError: \S+ has no field data \(there are other\)$/),
      expect.stringMatching(/^BusError: \S+ breaks the schema: amount: Invalid input: expected number, received string$/),
    ]);
    expect(Buffer.from(batch?.unreadable?.[0]?.original ?? []).toString()).toBe('{"data":"{hunter2"}');
    await reading.stop();

    await using again = await read(stream, { ...options, maxDeliveries: 1 });
    const poison = await again.next();
    expect(poison?.records).toEqual([]);
    expect(withoutIds(poison?.unreadable).at(-1)).toMatch(
      /was handed out 2 times and never acknowledged, it is taken for poison \(maxDeliveries 1\)$/,
    );
    await poison?.acknowledge?.();
    expect(await pending(stream)).toBe(0);
  });

  it("ends at once although it waits for entries", async () => {
    const reading = await read(newStream());
    const next = reading.next();
    await reading.stop();
    expect(await next).toBeUndefined();
  });

  it("reads a stream with several consumers, each a split", async () => {
    const source = redisStreamSource({ url: redis.url, streams: ["a", "b"], consumers: 2 });
    expect((await source.splits?.(connectorContext()))?.map(({ id }) => id)).toEqual(["a#0", "a#1", "b#0", "b#1"]);
  });

  it("checks that its keys hold streams, and says what is wrong with its options at once", async () => {
    await client.set("text-key", "x");
    await expect(redisStreamSource({ url: redis.url, streams: "text-key" }).check?.(connectorContext())).rejects.toThrow(
      "the key text-key holds a string, streams must name streams",
    );
    await redisStreamSource({ url: redis.url, streams: newStream() }).check?.(connectorContext());
    await expect(redisStreamSource({ url: "redis://127.0.0.1:1", streams: "a" }).check?.(connectorContext())).rejects.toMatchObject({
      code: "transport_failed",
      retryable: true,
      message: expect.stringContaining("Redis at redis://127.0.0.1:1 cannot be used"),
    });
    expect(() => redisStreamSource({ url: "redis://u:hunter2@h", streams: "a", maxRecords: 0 })).toThrow(
      /^redisStreamSource: url holds a password, which no code should: pass the address by reference, such as secret\("AMQP_URL"\); maxRecords 0 must be >= 1$/,
    );
  });
});
