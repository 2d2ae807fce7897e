import { context as otel, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { secret } from "@org/bus-connect";
import { type RabbitmqSourceOptions, rabbitmqSource } from "@org/bus-connect-rabbitmq";
import { headerText } from "@org/bus-core";
import { type ChannelModel, type ConfirmChannel, connect, type Options } from "amqplib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { connectorContext, type Reading, startReading } from "../../support/connector-context.js";
import { rabbitmqForTests } from "../../support/servers/rabbitmq.js";

const rabbitmq = await rabbitmqForTests();

describe.skipIf(!rabbitmq.available)("rabbitmqSource", () => {
  let connection: ChannelModel;
  let channel: ConfirmChannel;
  let queues = 0;

  beforeAll(async () => {
    connection = await connect(rabbitmq.url);
    channel = await connection.createConfirmChannel();
  });
  afterAll(() => connection?.close());

  async function newQueue(options: Options.AssertQueue = {}): Promise<string> {
    queues += 1;
    const { queue } = await channel.assertQueue(`source-${process.pid}-${queues}`, { durable: true, ...options });
    return queue;
  }

  async function send(queue: string, contents: readonly string[], options: Options.Publish = {}): Promise<void> {
    for (const [index, content] of contents.entries()) channel.sendToQueue(queue, Buffer.from(content), { messageId: `m${index}`, ...options });
    await channel.waitForConfirms();
  }

  const read = <T = unknown>(queue: string | string[], options: Partial<RabbitmqSourceOptions> = {}): Promise<Reading<T>> =>
    startReading(rabbitmqSource<T>({ url: rabbitmq.url, queues: queue, ...options }));

  /** How many messages a queue has for the next consumer, once its last one has gone. */
  async function left(queue: string): Promise<number> {
    const { messageCount } = await channel.checkQueue(queue);
    return messageCount;
  }

  it("hands out messages in the order of the queue, with ids, headers and properties", async () => {
    const queue = await newQueue();
    const properties = {
      contentType: "application/json",
      type: "order",
      timestamp: 1_700_000_000,
      headers: { plain: "text", raw: Buffer.from([1, 2]), count: 7 },
    };
    await send(queue, ["1", "2"], properties);
    await using reading = await read<number>(queue, { key: ({ routingKey }) => routingKey });
    const batch = await reading.next();
    expect(batch?.records.map(({ id, value, key, timestamp }) => ({ id, value, key, timestamp }))).toEqual([
      { id: `${queue}/m0`, value: 1, key: queue, timestamp: 1_700_000_000_000 },
      { id: `${queue}/m1`, value: 2, key: queue, timestamp: 1_700_000_000_000 },
    ]);
    const headers = batch?.records[0]?.headers ?? {};
    const texts = Object.fromEntries(Object.keys(headers).map((name) => [name, headerText(headers, name)]));
    expect(texts).toEqual({
      plain: "text",
      raw: "\u0001\u0002",
      count: "7",
      "amqp-content-type": "application/json",
      "amqp-type": "order",
      "amqp-exchange": "",
      "amqp-routing-key": queue,
    });
  });

  it("acknowledges what was written, and nothing else", async () => {
    const queue = await newQueue();
    await send(queue, ["1", "2", "3"]);
    const reading = await read(queue, { maxRecords: 1 });
    const first = await reading.next();
    await reading.next();
    await first?.acknowledge?.();
    await reading.stop();
    expect(await left(queue)).toBe(2);

    await using again = await read<number>(queue);
    const records = (await again.next())?.records ?? [];
    expect(records.map(({ value }) => value)).toEqual([2, 3]);
    expect(records.map(({ headers }) => headerText(headers, "amqp-redelivered"))).toEqual(["true", "true"]);
  });

  it("sends the last acknowledgements before it ends", async () => {
    const queue = await newQueue();
    await send(queue, ["1"]);
    const reading = await read(queue);
    const batch = await reading.next();
    const ended = reading.next();
    // as the framework does it: nothing lies between them
    void batch?.acknowledge?.();
    reading.context.stop();
    expect(await ended).toBeUndefined();
    expect(await left(queue)).toBe(0);
  });

  it("gives back what was not written", async () => {
    const queue = await newQueue();
    await send(queue, ["1"]);
    await using reading = await read(queue);
    const batch = await reading.next();
    await using other = await read<number>(queue);
    const next = other.next();
    await batch?.release?.(new Error("no"));
    expect((await next)?.records.map(({ value }) => value)).toEqual([1]);
  });

  it("reads no further than the prefetch allows", async () => {
    const queue = await newQueue();
    await send(queue, ["1", "2", "3", "4", "5"]);
    await using reading = await read(queue, { prefetch: 2, maxRecords: 1 });
    const first = await reading.next();
    await reading.next();
    expect(await left(queue)).toBe(3);
    await first?.acknowledge?.();
    expect((await reading.next())?.records.map(({ value }) => value)).toEqual([3]);
  });

  it("hands over what it cannot read, and shows nothing of it in the error", async () => {
    const queue = await newQueue();
    await send(queue, ["{hunter2", '{"amount":"much"}', '{"amount":1}']);
    const bytes = Buffer.from([0xff, 0xfe]);
    channel.sendToQueue(queue, bytes, { messageId: "m3" });
    await channel.waitForConfirms();
    await using reading = await read<{ amount: number }>(queue, { schema: z.object({ amount: z.number() }) });
    const [batch] = [await reading.next()];
    expect(batch?.records.map(({ value }) => value)).toEqual([{ amount: 1 }]);
    expect(batch?.unreadable?.map(({ id, error }) => [id, String(error)])).toEqual([
      [`${queue}/m0`, `BusError: ${queue}/m0 is not JSON`],
      [`${queue}/m1`, `BusError: ${queue}/m1 breaks the schema: amount: Invalid input: expected number, received string`],
      [`${queue}/m3`, `BusError: ${queue}/m3 is not UTF-8, set format to "bytes" where it need not be`],
    ]);
    expect(batch?.unreadable?.[0]?.original).toEqual(new Uint8Array(Buffer.from("{hunter2")));
    await batch?.acknowledge?.();
    await reading.stop();
    expect(await left(queue)).toBe(0);
  });

  it("gives messages without a message id another id each time", async () => {
    const queue = await newQueue();
    await send(queue, ["1", "1"], { messageId: "" });
    await using reading = await read(queue);
    const ids = (await reading.next())?.records.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(2);
  });

  it("reads a queue with several consumers, each a split", async () => {
    const queue = await newQueue();
    const source = rabbitmqSource<number>({ url: rabbitmq.url, queues: [queue, "other"], consumers: 2, prefetch: 1, maxRecords: 1 });
    const splits = (await source.splits?.(connectorContext())) ?? [];
    expect(splits.map(({ id }) => id)).toEqual([`${queue}#0`, `${queue}#1`, "other#0", "other#1"]);
    await send(queue, ["1", "2"]);
    const [split0, split1] = splits;
    await using first = await startReading(source, { ...(split0 && { split: split0 }) });
    await using second = await startReading(source, { ...(split1 && { split: split1 }) });
    const values = [await first.next(), await second.next()].map((batch) => batch?.records[0]?.value);
    expect(values.sort()).toEqual([1, 2]);
  });

  it("keeps others from a queue that it has for itself", async () => {
    const queue = await newQueue();
    await send(queue, ["1"]);
    await using reading = await read(queue, { exclusive: true });
    await reading.next();
    await using other = await read(queue);
    await expect(other.next()).rejects.toThrow(`the queue ${queue} cannot be read: Operation failed: BasicConsume; 403 (ACCESS-REFUSED)`);
    expect(() => rabbitmqSource({ url: rabbitmq.url, queues: queue, exclusive: true, consumers: 2 })).toThrow(
      "rabbitmqSource: consumers 2 must be 1 where exclusive is true",
    );
  });

  it("notices that its queue was deleted", async () => {
    const queue = await newQueue();
    await send(queue, ["1"]);
    await using reading = await read(queue);
    await reading.next();
    const next = reading.next();
    await channel.deleteQueue(queue);
    await expect(next).rejects.toMatchObject({
      code: "transport_failed",
      retryable: true,
      message: `the queue ${queue} cannot be read: the broker has ended the consumer, it was deleted or its node is gone`,
    });
  });

  it("says that a queue is not there, and creates it where it is told how", async () => {
    const queue = `missing-${process.pid}`;
    const missing = rabbitmqSource({ url: rabbitmq.url, queues: queue });
    await expect(missing.check?.(connectorContext())).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining("404 (NOT-FOUND)"),
    });
    const declaring = rabbitmqSource({
      url: rabbitmq.url,
      queues: queue,
      declare: { deliveryLimit: 2, deadLetterExchange: "", deadLetterRoutingKey: "dead" },
    });
    await declaring.check?.(connectorContext());
    expect(await left(queue)).toBe(0);
  });

  it("does not loop for ever with a message that is given back each time, where there is a delivery limit", async () => {
    const dead = await newQueue();
    const queue = `limited-${process.pid}`;
    const declare = { deliveryLimit: 2, deadLetterExchange: "", deadLetterRoutingKey: dead };
    let tries = 0;
    await rabbitmqSource({ url: rabbitmq.url, queues: queue, declare }).check?.(connectorContext());
    await send(queue, ["1"]);
    await using buried = await read<number>(dead);
    const end = buried.next();
    let isBuried = false;
    const noted = end.then((batch) => {
      isBuried = true;
      return batch;
    });
    while (!isBuried && tries < 10) {
      const reading = await read(queue, { declare });
      const batch = await Promise.race([reading.next(), noted.then(() => undefined)]);
      if (batch !== undefined) {
        tries += 1;
        await batch.release?.(new Error("poison"));
      }
      await reading.stop();
    }
    expect(tries).toBe(3);
    expect((await noted)?.records.map(({ value }) => value)).toEqual([1]);
  });

  it("goes on with the trace of the publisher", async () => {
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    const queue = await newQueue();
    await send(queue, ["1"], { headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } });
    await using reading = await read(queue);
    const record = (await reading.next())?.records[0];
    expect(trace.getSpanContext(record?.context ?? ROOT_CONTEXT)?.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
    otel.disable();
  });

  it("reports all faults of its options at once, and no password", () => {
    expect(() => rabbitmqSource({ url: "amqp://u:hunter2@h", queues: [], prefetch: 0 })).toThrow(
      'rabbitmqSource: url holds a password, which no code should: pass the address by reference, such as secret("AMQP_URL"); queues must not be empty; prefetch 0 must be >= 1',
    );
    expect(JSON.stringify(rabbitmqSource({ url: secret("RABBITMQ_TEST_URL"), queues: "q" }))).not.toContain("amqp");
  });

  it("says what is wrong with user and virtual host", async () => {
    const { host } = new URL(rabbitmq.url);
    process.env.RABBITMQ_TEST_URL = `amqp://guest:hunter2@${host}/`;
    const wrongPassword = rabbitmqSource({ url: secret("RABBITMQ_TEST_URL"), queues: "q" });
    const fault = await wrongPassword.check?.(connectorContext()).then(undefined, (error: unknown) => error);
    expect(fault).toMatchObject({ code: "not_authorized", retryable: false, message: expect.stringContaining(`RabbitMQ at amqp://${host}/`) });
    expect(String(fault)).not.toContain("hunter2");
    const wrongHost = rabbitmqSource({ url: `amqp://${host}/nowhere`, queues: "q" });
    await expect(wrongHost.check?.(connectorContext())).rejects.toMatchObject({ code: "not_authorized" });
    const nobody = rabbitmqSource({ url: "amqp://127.0.0.1:1/", queues: "q" });
    await expect(nobody.check?.(connectorContext())).rejects.toMatchObject({ code: "transport_failed", retryable: true });
  });
});
