import type { Transport, TransportProducer } from "@org/bus-core";
import { kafka as kafkajs } from "@org/bus-kafka";
import { type KafkaOptions, kafka } from "@org/bus-kafka-platformatic";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Collector } from "../kafka/collector.js";
import { JavaConsumer } from "../kafka/java-consumer.js";
import { kafkaForTests } from "../support/kafka.js";
import { RollingRestart } from "./rolling-restart.js";

const { available, brokers } = await kafkaForTests();
const logger = { debug() {}, info() {}, warn() {}, error() {} };
let topics = 0;
const uniqueName = (): string => `platformatic-${process.pid}-${Date.now().toString(36)}-${++topics}`;

type Tuning = NonNullable<KafkaOptions["consumer"]>;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A member of a transport of its own, as another process has it. */
function join(topic: string, tuning: Tuning, collector = new Collector()): ReturnType<typeof joinOn> {
  return joinOn(kafka({ brokers, logger, consumer: { sessionTimeoutMs: 6_000, ...tuning } }), topic, collector);
}

async function joinOn(transport: Transport, topic: string, collector: Collector): Promise<{ collector: Collector; close: () => Promise<void> }> {
  const consumer = transport.createConsumer({ group: topic, topics: [topic], from: "earliest", outOfRange: "stop" });
  const close = async (): Promise<void> => {
    await consumer.close();
    await transport.close();
  };
  closing.push(close);
  await consumer.start(collector);
  return { collector, close };
}

describe.skipIf(!available)("groups on @platformatic/kafka", () => {
  let transport: Transport;
  let producer: TransportProducer;
  beforeAll(async () => {
    transport = kafka({ brokers, logger });
    producer = await transport.createProducer();
  });
  afterAll(async () => {
    await producer?.close();
    await transport?.close();
  });

  const createTopic = async (partitions: number): Promise<string> => {
    const topic = uniqueName();
    await transport.admin.createTopics([{ name: topic, partitions, cleanup: "delete" }]);
    return topic;
  };
  const write = async (topic: string, partition: number, value: string): Promise<void> => {
    const record = { topic, partition, key: null, value: Buffer.from(value), headers: {}, timestamp: Date.now() };
    for (const outcome of await producer.send([record], { timeoutMs: 10_000 })) if (!outcome.ok) throw outcome.error;
  };
  const partitionsOf = ({ owned }: Collector): number[] => owned.map(({ partition }) => partition).toSorted((a, b) => a - b);

  describe.each(["classic", "consumer"] as const)("of the protocol %s", (groupProtocol) => {
    test("repeat nothing over a rolling restart under load, and move only what must move", { timeout: 120_000 }, async () => {
      const open = () => kafka({ brokers, logger, consumer: { groupProtocol, sessionTimeoutMs: 6_000 } });
      const report = await new RollingRestart(uniqueName(), open).run(3);
      expect(report).toMatchObject({ repeated: [], unhandled: [] });
      expect(report.published).toBeGreaterThan(2_000);
      // the four of the member that goes, and the four of the one that comes, where it does not come so soon that it gets those at once
      expect(report.moves).toBeGreaterThanOrEqual(3 * 4);
      expect(report.moves).toBeLessThanOrEqual(3 * (4 + 4));
    });

    test("move nothing over a rolling restart of static members", { timeout: 120_000 }, async () => {
      const open = (member: number) =>
        kafka({ brokers, logger, consumer: { groupProtocol, sessionTimeoutMs: 30_000, instanceId: `member-${member}` } });
      const report = await new RollingRestart(uniqueName(), open).run(3);
      expect(report).toMatchObject({ repeated: [], unhandled: [] });
      // each gets its own back
      expect(report.moves).toBe(3 * 4);
    });

    test("hold a partition until its member has let go of it, while the others of the member go on", async () => {
      const topic = await createTopic(2);
      const released = Promise.withResolvers<void>();
      const leavingNow: number[] = [];
      class Slow extends Collector {
        override async revoked(partitions: Parameters<Collector["revoked"]>[0]): Promise<void> {
          leavingNow.push(...partitions.map(({ partition }) => partition));
          await released.promise;
          await super.revoked(partitions);
        }
      }
      const slow = new Slow();
      const first = await join(topic, { groupProtocol, sessionTimeoutMs: 6_000 }, slow);
      const other = new Collector();
      const second = join(topic, { groupProtocol }, other);
      await slow.until(() => leavingNow.length === 1);
      const [leaving = -1] = leavingNow;
      const staying = 1 - leaving;
      // longer than several heartbeats: what the member keeps is read, what it lets go of is read by nobody
      await write(topic, leaving, "for the next");
      for (let round = 0; round < 20; round++) {
        await write(topic, staying, `round ${round}`);
        await slow.until(({ values }) => values.includes(`round ${round}`));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect([other.values, other.owned]).toEqual([[], []]);
      expect(slow.values).not.toContain("for the next");
      released.resolve();
      await other.until(({ values }) => values.includes("for the next"));
      expect([partitionsOf(slow), partitionsOf(other)]).toEqual([[staying], [leaving]]);
      await (await second).close();
      await first.close();
      expect([slow.losses, other.losses]).toEqual([0, 0]);
    });

    test("stop when their topic is deleted", async () => {
      const topic = await createTopic(1);
      const { collector } = await join(topic, { groupProtocol });
      await transport.admin.deleteTopics([topic]);
      await collector.until(({ error }) => error !== undefined);
      expect(collector.error).toMatchObject({ code: "unknown_topic" });
    });
  });

  test("that the broker assigns take members written in Java, and those of kafkajs while the group is being moved", async () => {
    const topic = await createTopic(6);
    const classic = new Collector();
    const old = await joinOn(kafkajs({ brokers, logger, consumer: { sessionTimeoutMs: 6_000 } }), topic, classic);
    const ours = await join(topic, { groupProtocol: "consumer" });
    await using java = await JavaConsumer.start(brokers, topic, { group: topic, assignor: "broker" });
    await ours.collector.until(({ owned }) => owned.length === 2 && classic.owned.length === 2 && java.assigned.length === 2, 60_000);
    const all = [...partitionsOf(classic), ...partitionsOf(ours.collector), ...java.assigned];
    expect(all.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    await old.close();
    await ours.collector.until(({ owned }) => owned.length === 3 && java.assigned.length === 3, 60_000);
    for (const partition of partitionsOf(ours.collector)) await write(topic, partition, `to ${partition}`);
    await ours.collector.until(({ received }) => received.length === 3);
  });

  test("of the protocol classic take members of kafkajs, so that a service can go from one client to the other without a stop", async () => {
    const topic = await createTopic(6);
    const before = new Collector();
    const old = await joinOn(kafkajs({ brokers, logger, consumer: { sessionTimeoutMs: 6_000 } }), topic, before);
    await before.until(({ owned }) => owned.length === 6);
    const ours = await join(topic, { groupProtocol: "classic" });
    await ours.collector.until(({ owned }) => owned.length === 3 && before.owned.length === 3, 60_000);
    expect([...partitionsOf(before), ...partitionsOf(ours.collector)].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    await old.close();
    await ours.collector.until(({ owned }) => owned.length === 6, 60_000);
    for (const partition of partitionsOf(ours.collector)) await write(topic, partition, `to ${partition}`);
    await ours.collector.until(({ received }) => received.length === 6);
    // and back, under a leader of this client
    const back = new Collector();
    await joinOn(kafkajs({ brokers, logger, consumer: { sessionTimeoutMs: 6_000 } }), topic, back);
    await back.until(({ owned }) => owned.length === 3 && ours.collector.owned.length === 3, 60_000);
    expect([before.losses, ours.collector.losses, back.losses]).toEqual([0, 0, 0]);
  });

  test("have the name of a static member once: who had it before stops", async () => {
    const topic = await createTopic(1);
    const first = await join(topic, { instanceId: "one" });
    const second = await join(topic, { instanceId: "one" });
    await second.collector.until(({ owned }) => owned.length === 1);
    await first.collector.until(({ error }) => error !== undefined);
    expect(first.collector.error).toMatchObject({
      code: "fenced",
      message: `another member of group ${topic} has the consumer.instanceId one: give each process its own`,
    });
  });

  test("read what every codec has compressed", async () => {
    const topic = await createTopic(1);
    const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
    for (const compression of codecs) {
      const compressing = kafka({ brokers, compression, logger });
      const other = await compressing.createProducer();
      const value = Buffer.from(`${compression} `.repeat(1_000));
      const outcomes = await other.send([{ topic, partition: 0, key: null, value, headers: {}, timestamp: 1 }], { timeoutMs: 10_000 });
      expect(outcomes).toMatchObject([{ ok: true }]);
      await other.close();
      await compressing.close();
    }
    const { collector } = await join(topic, {});
    await collector.until(({ received }) => received.length === codecs.length);
    expect(collector.values).toEqual(codecs.map((codec) => `${codec} `.repeat(1_000)));
  });
});
