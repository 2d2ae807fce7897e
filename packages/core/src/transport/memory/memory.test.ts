import { describe, expect, it } from "vitest";
import type { AssignedPartition, ConsumerListener, PartitionEpoch, RecordBatch } from "../transport.js";
import { createMemoryBroker } from "./broker.js";
import { memory } from "./memory.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const record = (partition: number, value: string, topic = "t") => ({ topic, partition, key: null, value: bytes(value), headers: {}, timestamp: 1 });

function listener() {
  const log: string[] = [];
  const values: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const name = (partitions: readonly PartitionEpoch[]) =>
    partitions.map(({ topic, partition, epoch }) => `${topic}[${partition}]@${epoch}`).join(" ");
  const it: ConsumerListener = {
    assigned(partitions: readonly AssignedPartition[]) {
      log.push(`assigned ${name(partitions)}`);
    },
    records(batch: RecordBatch) {
      for (const each of batch.records) values.push(new TextDecoder().decode(each.value ?? undefined));
      for (const wait of waiting) if (values.length >= wait.count) wait.resolve();
    },
    async revoked(partitions) {
      log.push(`revoked ${name(partitions)}`);
    },
    lost(partitions) {
      log.push(`lost ${name(partitions)}`);
    },
    stopped(error) {
      log.push(`stopped ${error.message}`);
    },
  };
  const received = (count: number) => new Promise<void>((resolve) => (values.length >= count ? resolve() : waiting.push({ count, resolve })));
  return { listener: it, log, values, received };
}

describe("memory", () => {
  it("carries records to a group", async () => {
    const transport = memory();
    await transport.admin.createTopics([{ name: "t", partitions: 2, cleanup: "delete" }]);
    const producer = await transport.createProducer();
    expect(
      await producer.send([record(0, "a"), record(1, "b"), record(0, "c"), record(2, "d"), record(0, "e", "u")], { timeoutMs: 1_000 }),
    ).toMatchObject([
      { ok: true, offset: 0 },
      { ok: true, offset: 0 },
      { ok: true, offset: 1 },
      { ok: false, error: { code: "unknown_topic", message: "topic t has 2 partitions, there is no partition 2" } },
      { ok: false, error: { code: "unknown_topic" } },
    ]);
    const one = listener();
    const consumer = transport.createConsumer({ group: "g", topics: ["t"], from: "earliest", outOfRange: "stop" });
    await consumer.start(one.listener);
    await one.received(3);
    expect(one.values.toSorted()).toEqual(["a", "b", "c"]);
    expect(one.log).toEqual(["assigned t[0]@1 t[1]@1"]);
    await consumer.commit([{ topic: "t", partition: 0, epoch: 1, offset: 2, metadata: "m" }]);
    expect(await transport.admin.committed("g", ["t"])).toEqual([{ topic: "t", partition: 0, offset: 2, metadata: "m" }]);
    await transport.close();
  });

  it("shares a broker between transports", async () => {
    const broker = createMemoryBroker();
    const [here, there] = [memory({ broker }), memory({ broker })];
    await here.admin.createTopics([{ name: "t", partitions: 2, cleanup: "delete" }]);
    const [one, two] = [listener(), listener()];
    const options = { group: "g", topics: ["t"], from: "earliest", outOfRange: "stop" } as const;
    const first = here.createConsumer(options);
    await first.start(one.listener);
    await there.createConsumer(options).start(two.listener);
    expect(two.log).toEqual(["assigned t[0]@1"]);
    expect(one.log).toEqual(["assigned t[0]@1 t[1]@1", "revoked t[0]@1 t[1]@1", "assigned t[1]@2"]);
    await here.close();
    await there.close();
  });
});
