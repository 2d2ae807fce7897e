import type { Transport, TransportProducer } from "@org/bus-core";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";
import { Collector } from "./collector.js";
import { JavaConsumer } from "./java-consumer.js";

const { available, brokers } = await kafkaForTests();

const javaAssignors = { kafkajs: "RangeAssignor", platformatic: "CooperativeStickyAssignor" } as const;

describe.skipIf(!available).each(kafkaClients)("a consumer on Kafka, of $client", ({ client, open: kafka }) => {
  let transport: Transport;
  let producer: TransportProducer;
  let topic = "";
  let topics = 0;

  beforeAll(async () => {
    transport = kafka({ brokers, consumer: { sessionTimeoutMs: 6_000 } });
    producer = await transport.createProducer();
  });
  afterAll(async () => {
    await producer?.close();
    await transport?.close();
  });
  beforeEach(async () => {
    topic = `consumer-${process.pid}-${Date.now().toString(36)}-${++topics}`;
    await transport.admin.createTopics([{ name: topic, partitions: 4, cleanup: "delete" }]);
  });

  const write = async (partition: number, ...values: string[]): Promise<void> => {
    const records = values.map((value) => ({ topic, partition, key: null, value: Buffer.from(value), headers: {}, timestamp: Date.now() }));
    for (const outcome of await producer.send(records, { timeoutMs: 10_000 })) if (!outcome.ok) throw outcome.error;
  };
  const consumerOf = (outOfRange: "stop" | "earliest" = "stop", group = topic) =>
    transport.createConsumer({ group, topics: [topic], from: "earliest", outOfRange });
  const otherClient = () => new Kafka({ brokers, logLevel: logLevel.NOTHING });

  /** Reads record 0, commits 1, and has the partition paused while records 0 to 4 are deleted. */
  async function fallBehindTheLog(collector: Collector, consumer: ReturnType<typeof consumerOf>): Promise<void> {
    await write(0, "0");
    await consumer.start(collector);
    await collector.until(({ received }) => received.length === 1);
    const paused = collector.owned.filter(({ partition }) => partition === 0);
    consumer.pause(paused);
    // ends the fetch that was out when the partition was paused
    await write(1, "other");
    await collector.until(({ received }) => received.length === 2);
    await consumer.commit([{ topic, partition: 0, epoch: paused[0]?.epoch ?? 0, offset: 1, metadata: "kept" }]);
    await write(0, "1", "2", "3", "4", "5");
    const admin = otherClient().admin();
    await admin.connect();
    // without this kafkajs does not know where the leader is
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "5" }] });
    await admin.disconnect();
    consumer.resume(paused);
  }

  test("stops when records were deleted before it read them, and leaves what was committed", async () => {
    const collector = new Collector();
    const consumer = consumerOf("stop");
    await fallBehindTheLog(collector, consumer);
    await collector.until(({ error }) => error !== undefined);
    await consumer.close();
    expect(collector.error).toMatchObject({
      code: "offset_out_of_range",
      message:
        `group ${topic}: the offset to read next in ${topic}[0] is not in the log; records were deleted before they were read: ` +
        'set outOfRange to "earliest" or "latest" to go on without them',
    });
    expect(collector.values).toEqual(["0", "other"]);
    expect(await transport.admin.committed(topic, [topic])).toEqual([{ topic, partition: 0, offset: 1, metadata: "kept" }]);
  });

  test("goes on at the start of the log with outOfRange earliest", async () => {
    const collector = new Collector();
    const consumer = consumerOf("earliest");
    await fallBehindTheLog(collector, consumer);
    await collector.until(({ values }) => values.includes("5"));
    await consumer.close();
    expect(collector.values.filter((value) => value !== "other")).toEqual(["0", "5"]);
    // one epoch of one partition has ended; the member has stayed in its group
    expect([collector.losses, collector.owned.length]).toEqual([1, 4]);
  });

  test("passes over control records and aborted transactions", async () => {
    const transactional = otherClient().producer({ transactionalId: `${topic}-tx`, idempotent: true, maxInFlightRequests: 1 });
    await transactional.connect();
    const message = (value: string) => ({ topic, messages: [{ partition: 0, value }] });
    for (const [value, end] of [
      ["committed", "commit"],
      ["aborted", "abort"],
      ["committed too", "commit"],
    ] as const) {
      const transaction = await transactional.transaction();
      await transaction.send(message(value));
      await transaction[end]();
    }
    await transactional.disconnect();
    const collector = new Collector();
    const consumer = consumerOf();
    await consumer.start(collector);
    await collector.until(({ received }) => received.length === 2);
    await write(0, "plain");
    await collector.until(({ received }) => received.length === 3);
    await consumer.close();
    expect(collector.received.map(({ offset }) => offset)).toEqual([0, 4, 6]);
    expect(collector.values).toEqual(["committed", "committed too", "plain"]);
  });

  test("keeps its membership while all is paused for longer than the session timeout, and goes on at once", async () => {
    const collector: Collector = new Collector(() => consumer.pause(collector.owned));
    const consumer = consumerOf();
    await consumer.start(collector);
    await write(0, "a");
    await collector.until(({ received }) => received.length === 1);
    await write(0, "b");
    // nothing happens meanwhile that could be waited for
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect(collector.values).toEqual(["a"]);
    consumer.resume(collector.owned);
    await collector.until(({ received }) => received.length === 2);
    await consumer.close();
    expect([collector.values, collector.assignments, collector.losses]).toEqual([["a", "b"], 1, 0]);
  });

  test("shares a group with a consumer written in Java", async () => {
    const collector = new Collector();
    const consumer = consumerOf();
    await consumer.start(collector);
    expect(collector.owned.length).toBe(4);
    await using java = await JavaConsumer.start(brokers, topic, { group: topic, assignor: javaAssignors[client] });
    await collector.until(({ owned }) => owned.length === 2);
    await java.until(({ assigned }) => assigned.length === 2);
    const ours = collector.owned.map(({ partition }) => partition);
    expect([...ours, ...java.assigned].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    for (const partition of [0, 1, 2, 3]) await write(partition, `to ${partition}`);
    await collector.until(({ received }) => received.length === 2);
    await java.until(({ consumed }) => consumed === 2);
    await consumer.close();
    await java.until(({ assigned }) => assigned.length === 4);
  });

  test("reads what gzip and zstd have compressed", async () => {
    for (const compression of ["gzip", "zstd"] as const) {
      const compressing = kafka({ brokers, compression });
      const other = await compressing.createProducer();
      const value = Buffer.from(`${compression} `.repeat(1_000));
      expect(await other.send([{ topic, partition: 1, key: null, value, headers: {}, timestamp: 1 }], { timeoutMs: 10_000 })).toMatchObject([
        { ok: true },
      ]);
      await other.close();
      await compressing.close();
    }
    const collector = new Collector();
    const consumer = consumerOf();
    await consumer.start(collector);
    await collector.until(({ received }) => received.length === 2);
    await consumer.close();
    expect(collector.values).toEqual(["gzip ".repeat(1_000), "zstd ".repeat(1_000)]);
  });
});
