import { expect, it } from "vitest";
import type { Fixture } from "./fixture.js";

/** Topics and offsets as the admin sees and changes them. */
export function adminConformance(current: () => Fixture): void {
  it("describes topics as they were created, and only those that exist", async () => {
    const { admin } = current().transport;
    const [kept, compacted, missing] = [current().uniqueName(), current().uniqueName(), current().uniqueName()];
    await admin.createTopics([
      { name: kept, partitions: 3, cleanup: "delete", retentionMs: 86_400_000 },
      { name: compacted, partitions: 1, cleanup: "compact,delete", retentionMs: -1, replicationFactor: 1 },
    ]);
    expect(await admin.describeTopics([kept, compacted, missing])).toEqual(
      new Map([
        [kept, { name: kept, partitions: 3, cleanup: "delete", retentionMs: 86_400_000 }],
        [compacted, { name: compacted, partitions: 1, cleanup: "compact,delete", retentionMs: -1 }],
      ]),
    );
    expect(await admin.describeTopics([])).toEqual(new Map());
  });

  it("leaves a topic that exists as it is, and creates the others", async () => {
    const { admin } = current().transport;
    const [existing, added] = [await current().topic(2), current().uniqueName()];
    await current().write(existing, 0, "a");
    await admin.createTopics([
      { name: existing, partitions: 5, cleanup: "compact" },
      { name: added, partitions: 1, cleanup: "delete" },
    ]);
    expect([...(await admin.describeTopics([existing, added])).values()]).toMatchObject([
      { name: existing, partitions: 2, cleanup: "delete" },
      { name: added, partitions: 1, cleanup: "delete" },
    ]);
    expect(await admin.offsets(existing)).toContainEqual({ topic: existing, partition: 0, logStart: 0, logEnd: 1 });
  });

  it("creates topics that can be written to at once, from any transport", async () => {
    const topic = await current().topic(3);
    const producer = await current().otherTransport.createProducer();
    const records = [0, 1, 2].map((partition) => ({ topic, partition, key: null, value: null, headers: {}, timestamp: 1 }));
    expect(await producer.send(records, { timeoutMs: 15_000 })).toEqual(records.map(() => ({ ok: true, offset: 0 })));
    await producer.close();
  });

  it("adds partitions, none when there are as many, and refuses to take any away", async () => {
    const { admin } = current().transport;
    const topic = await current().topic(2);
    await current().write(topic, 1, "a");
    await admin.addPartitions(topic, 4);
    await admin.addPartitions(topic, 4);
    expect((await admin.describeTopics([topic])).get(topic)?.partitions).toBe(4);
    expect((await admin.offsets(topic)).toSorted((a, b) => a.partition - b.partition).map(({ logEnd }) => logEnd)).toEqual([0, 1, 0, 0]);
    await current().write(topic, 3, "b");
    await expect(admin.addPartitions(topic, 1)).rejects.toMatchObject({ name: "BusError" });
    await expect(admin.addPartitions(current().uniqueName(), 2)).rejects.toMatchObject({ name: "BusError", code: "unknown_topic" });
  });

  it("deletes topics; one that does not exist is no error", async () => {
    const { admin } = current().transport;
    const [doomed, kept] = [await current().topic(), await current().topic()];
    await admin.deleteTopics([doomed]);
    await admin.deleteTopics([doomed]);
    expect([...(await admin.describeTopics([doomed, kept])).keys()]).toEqual([kept]);
  });

  it("tells the offsets of every partition, and rejects an unknown topic", async () => {
    const { admin } = current().transport;
    const topic = await current().topic(2);
    await current().write(topic, 1, "a", "b");
    expect((await admin.offsets(topic)).toSorted((a, b) => a.partition - b.partition)).toEqual([
      { topic, partition: 0, logStart: 0, logEnd: 0 },
      { topic, partition: 1, logStart: 0, logEnd: 2 },
    ]);
    await expect(admin.offsets(current().uniqueName())).rejects.toMatchObject({ name: "BusError", code: "unknown_topic" });
  });

  it("tells what a group has committed, and nothing for a group that has not", async () => {
    const topic = await current().topic(2);
    const member = await current().join({ group: topic, topics: [topic] });
    await member.commit(member.current({ topic, partition: 1 }), { offset: 0, metadata: "m" });
    const { admin } = current().transport;
    expect(await admin.committed(topic, [topic])).toEqual([{ topic, partition: 1, offset: 0, metadata: "m" }]);
    expect(await admin.committed(current().uniqueName(), [topic])).toEqual([]);
  });
}
