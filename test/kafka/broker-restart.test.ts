import { kafka } from "@org/bus-kafka";
import { type KafkaCluster, startKafka } from "@org/bus-testkit/kafka";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canStartKafka } from "../support/kafka.js";
import { Collector } from "./collector.js";

const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(!canStartKafka() || process.env.KAFKA_BROKERS !== undefined)("while a broker is killed and started again", () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka();
  }, 120_000);
  afterAll(() => cluster?.stop());

  test("a producer and a consumer come back by themselves and lose nothing", { timeout: 120_000 }, async () => {
    const transport = kafka({ brokers: cluster.brokers, consumer: { sessionTimeoutMs: 6_000 }, logger });
    await transport.admin.createTopics([{ name: "t", partitions: 2, cleanup: "delete" }]);
    const producer = await transport.createProducer();
    const write = async (value: string) => {
      const record = { topic: "t", partition: 0, key: null, value: Buffer.from(value), headers: {}, timestamp: Date.now() };
      const [outcome] = await producer.send([record], { timeoutMs: 60_000 });
      expect(outcome).toMatchObject({ ok: true });
    };
    const collector = new Collector();
    const consumer = transport.createConsumer({ group: "g", topics: ["t"], from: "earliest", outOfRange: "stop" });
    await consumer.start(collector);
    await write("before");
    await collector.until(({ values }) => values.includes("before"));
    const [owned] = collector.owned.filter(({ partition }) => partition === 0);
    await consumer.commit([{ topic: "t", partition: 0, epoch: owned?.epoch ?? 0, offset: 1, metadata: "" }]);

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
