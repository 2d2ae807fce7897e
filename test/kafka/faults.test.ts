import { type KafkaCluster, startKafka } from "@org/bus-testkit/kafka";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canStartKafka } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";
import { Collector } from "./collector.js";

const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(!canStartKafka() || process.env.KAFKA_BROKERS !== undefined)("after a fault", () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka();
  }, 120_000);
  afterAll(() => cluster?.stop());

  describe.each(kafkaClients)("of $client", ({ client, open: kafka }) => {
    test("a member that the group took for dead loses its epoch, and gets a new one before any record", async () => {
      const topic = `frozen-${client}`;
      const transport = kafka({ brokers: cluster.brokers, consumer: { sessionTimeoutMs: 1_000 }, logger });
      await transport.admin.createTopics([{ name: topic, partitions: 1, cleanup: "delete" }]);
      const producer = await transport.createProducer();
      const epochs: number[] = [];
      const collector = new Collector(({ epoch }) => void epochs.push(epoch));
      const consumer = transport.createConsumer({ group: topic, topics: [topic], from: "earliest", outOfRange: "stop" });
      await consumer.start(collector);
      const [first] = collector.owned;
      if (first === undefined) throw new Error("the only member owns nothing");
      // no heartbeat can be sent: the process stands still for longer than the session timeout
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
      await collector.until(({ assignments }) => assignments === 2);
      expect(collector.losses).toBe(1);
      const [second] = collector.owned;
      expect(second?.epoch).toBeGreaterThan(first.epoch);
      await expect(consumer.commit([{ ...first, offset: 0, metadata: "of the old epoch" }])).rejects.toMatchObject({ code: "fenced" });
      expect(await transport.admin.committed(topic, [topic])).toEqual([]);
      await producer.send([{ topic, partition: 0, key: null, value: null, headers: {}, timestamp: Date.now() }], { timeoutMs: 10_000 });
      await collector.until(() => epochs.length === 1);
      expect(epochs).toEqual([second?.epoch]);
      await consumer.close();
      await producer.close();
      await transport.close();
    });

    test("a producer and a consumer come back by themselves and lose nothing when a broker is killed and started again", {
      timeout: 120_000,
    }, async () => {
      const topic = `killed-${client}`;
      const transport = kafka({ brokers: cluster.brokers, consumer: { sessionTimeoutMs: 6_000 }, logger });
      await transport.admin.createTopics([{ name: topic, partitions: 2, cleanup: "delete" }]);
      const producer = await transport.createProducer();
      const write = async (value: string) => {
        const record = { topic, partition: 0, key: null, value: Buffer.from(value), headers: {}, timestamp: Date.now() };
        const [outcome] = await producer.send([record], { timeoutMs: 60_000 });
        expect(outcome).toMatchObject({ ok: true });
      };
      const collector = new Collector();
      const consumer = transport.createConsumer({ group: topic, topics: [topic], from: "earliest", outOfRange: "stop" });
      await consumer.start(collector);
      await write("before");
      await collector.until(({ values }) => values.includes("before"));
      const [owned] = collector.owned.filter(({ partition }) => partition === 0);
      await consumer.commit([{ topic, partition: 0, epoch: owned?.epoch ?? 0, offset: 1, metadata: "" }]);

      await cluster.kill(0);
      const during = write("during");
      await cluster.restart(0);
      await during;
      await write("after");
      await collector.until(({ values }) => values.includes("after"), 60_000);
      expect(collector.values).toEqual(["before", "during", "after"]);
      expect(collector.error).toBeUndefined();
      await consumer.close();
      await producer.close();
      await transport.close();
    });
  });
});
