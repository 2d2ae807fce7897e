import { propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { SinkWriter } from "@org/bus-connect";
import { type RabbitmqSinkOptions, rabbitmqSink } from "@org/bus-connect-rabbitmq";
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage, type Options } from "amqplib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectorContext, recordOf, writeContext } from "../../support/connector-context.js";
import { rabbitmqForTests } from "../../support/servers/rabbitmq.js";

const rabbitmq = await rabbitmqForTests();

describe.skipIf(!rabbitmq.available)("rabbitmqSink", () => {
  let connection: ChannelModel;
  let channel: ConfirmChannel;
  let queues = 0;
  const writers: SinkWriter<unknown>[] = [];

  beforeAll(async () => {
    connection = await connect(rabbitmq.url);
    channel = await connection.createConfirmChannel();
  });
  afterAll(() => connection?.close());
  afterEach(async () => {
    await Promise.all(writers.splice(0).map((writer) => writer.close()));
  });

  async function newQueue(options: Options.AssertQueue = {}): Promise<string> {
    queues += 1;
    return (await channel.assertQueue(`sink-${process.pid}-${queues}`, { durable: true, ...options })).queue;
  }

  async function open(options: Partial<RabbitmqSinkOptions<unknown>>): Promise<SinkWriter<unknown>> {
    const writer = await rabbitmqSink({ url: rabbitmq.url, routingKey: "", ...options }).open(connectorContext());
    writers.push(writer);
    return writer;
  }

  async function take(queue: string): Promise<readonly GetMessage[]> {
    const messages: GetMessage[] = [];
    for (;;) {
      const message = await channel.get(queue, { noAck: true });
      if (message === false) return messages;
      messages.push(message);
    }
  }

  const statuses = async (writer: SinkWriter<unknown>, records: Parameters<typeof writer.write>[0]) =>
    (await writer.write(records, writeContext())).map((outcome) => ("error" in outcome ? `${outcome.status}: ${outcome.error}` : outcome.status));

  it("publishes persistent messages with id, time, headers and trace, and answers when they are confirmed", async () => {
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    const queue = await newQueue();
    const writer = await open({ routingKey: queue });
    const spanContext = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
    const record = recordOf(
      { amount: 12n, bytes: new Uint8Array([1]) },
      {
        id: "orders[3]@17",
        timestamp: 1_700_000_000_500,
        headers: {
          source: Buffer.from("shop"),
          raw: new Uint8Array([0xff]),
          "amqp-type": Buffer.from("order"),
          "amqp-redelivered": Buffer.from("true"),
        },
        context: trace.setSpanContext(ROOT_CONTEXT, spanContext),
      },
    );
    expect(await statuses(writer, [record])).toEqual(["written"]);
    const [message] = await take(queue);
    expect(message?.content.toString()).toBe('{"amount":"12","bytes":"AQ=="}');
    expect(message?.properties).toMatchObject({
      messageId: "orders[3]@17",
      deliveryMode: 2,
      timestamp: 1_700_000_000,
      contentType: "application/json",
      type: "order",
    });
    expect(message?.properties.headers).toEqual({
      source: "shop",
      raw: Buffer.from([0xff]),
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
  });

  it("keeps the order, and routes by functions of the record", async () => {
    const [even, odd] = [await newQueue(), await newQueue()];
    const writer = await open({
      routingKey: ({ value }) => (Number(value) % 2 === 0 ? even : odd),
      content: ({ value }) => Buffer.from(String(value)),
    });
    const records = Array.from({ length: 1000 }, (_, index) => recordOf(index, { id: `${index}` }));
    expect(new Set(await statuses(writer, records))).toEqual(new Set(["written"]));
    const numbers = (await take(even)).map(({ content }) => Number(content.toString()));
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => 2 * index));
    expect(await take(odd)).toHaveLength(500);
  });

  it("rejects what no queue gets, and writes the others", async () => {
    const queue = await newQueue();
    const writer = await open({ routingKey: ({ value }) => String(value) });
    expect(await statuses(writer, [recordOf(queue, { id: "a" }), recordOf("nowhere", { id: "b" }), recordOf(queue, { id: "c" })])).toEqual([
      "written",
      'rejected: BusError: no queue gets message b to exchange "" with routing key "nowhere" (312 NO_ROUTE): bind one, or set mandatory to false where it may be dropped',
      "written",
    ]);
    expect((await take(queue)).map(({ properties }) => properties.messageId)).toEqual(["a", "c"]);
    expect(await statuses(await open({ routingKey: "nowhere", mandatory: false }), [recordOf(1)])).toEqual(["written"]);
  });

  it("tells the one that the broker closes the channel for from the others, also for writes at the same time", async () => {
    const queue = await newQueue();
    await channel.assertExchange("there", "fanout", { durable: true });
    await channel.bindQueue(queue, "there", "");
    const writer = await open({ exchange: ({ value }) => String(value) });
    const write = (name: string) =>
      statuses(
        writer,
        ["there", "missing", "there"].map((exchange, index) => recordOf(exchange, { id: `${name}${index}` })),
      );
    const good = Array.from({ length: 50 }, (_, index) => recordOf("there", { id: `g${index}` }));
    const [first, others, second] = await Promise.all([write("a"), statuses(writer, good), write("b")]);
    expect(first).toEqual([
      "written",
      expect.stringMatching(/^rejected: .*the broker refuses message a1: .*404 \(NOT-FOUND\).*no exchange 'missing'/),
      "written",
    ]);
    expect(second).toEqual(["written", expect.stringContaining("the broker refuses message b1"), "written"]);
    expect(new Set(others)).toEqual(new Set(["written"]));
    const ids = new Set((await take(queue)).map(({ properties }) => properties.messageId as string));
    expect(ids).toEqual(new Set(["a0", "a2", "b0", "b2", ...good.map(({ id }) => id)]));
  });

  it("tries again what a full queue refuses", async () => {
    const queue = await newQueue({ maxLength: 2, overflow: "reject-publish" });
    const writer = await open({ routingKey: queue });
    const outcomes = await statuses(
      writer,
      ["1", "2", "3", "4"].map((id) => recordOf("x", { id })),
    );
    expect(outcomes).toEqual([
      "written",
      "written",
      `retriable: BusError: the broker has not taken message 3 to exchange "" with routing key "${queue}": a queue is full, or has failed`,
      `retriable: BusError: the broker has not taken message 4 to exchange "" with routing key "${queue}": a queue is full, or has failed`,
    ]);
  });

  it("rejects what has no content, and what a function of its options throws for", async () => {
    const queue = await newQueue();
    const writer = await open({
      routingKey: ({ id }) => {
        if (id === "b") throw new Error("no key");
        return queue;
      },
    });
    expect(await statuses(writer, [recordOf(undefined, { id: "a" }), recordOf(1, { id: "b" }), recordOf(1, { id: "c" })])).toEqual([
      "rejected: BusError: a has no JSON, give the content as a function of the record",
      "rejected: Error: no key",
      "written",
    ]);
  });

  it("checks that there is where to publish to", async () => {
    const check = (options: Partial<RabbitmqSinkOptions<unknown>>) =>
      rabbitmqSink({ url: rabbitmq.url, routingKey: "", ...options }).check?.(connectorContext());
    await expect(check({ exchange: "missing" })).rejects.toThrow("the sink cannot publish: Operation failed: ExchangeDeclare; 404 (NOT-FOUND)");
    await expect(check({ routingKey: "missing" })).rejects.toThrow("the sink cannot publish: Operation failed: QueueDeclare; 404 (NOT-FOUND)");
    await check({ exchange: "amq.fanout" });
  });
});
