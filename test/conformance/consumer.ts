import { expect, it } from "vitest";
import { bytes, type Fixture, record, text } from "./fixture.js";

/** Assignment, positions, order, pausing and the end of a single member. */
export function consumerConformance(current: () => Fixture): void {
  it("delivers the first assignment before start resolves, with positions from the earliest record", async () => {
    const topic = await current().topic(2);
    await current().write(topic, 1, "a", "b");
    const member = await current().join({ group: topic, topics: [topic] });
    expect(member.owned.toSorted((a, b) => a.partition - b.partition)).toEqual([
      { topic, partition: 0, epoch: expect.any(Number), position: 0, committed: undefined, logStart: 0, logEnd: 0 },
      { topic, partition: 1, epoch: expect.any(Number), position: 0, committed: undefined, logStart: 0, logEnd: 2 },
    ]);
    expect(await current().values(member, 2)).toEqual(["a", "b"]);
  });

  it("delivers no record before assigned has resolved", async () => {
    const topic = await current().topic();
    await current().write(topic, 0, "a");
    // enough round trips for a record that does not wait to arrive
    const linger = async () => {
      for (let trip = 0; trip < 20; trip++) await current().transport.admin.offsets(topic);
    };
    const member = await current().join({ group: topic, topics: [topic] }, { assigned: linger });
    await current().values(member, 1);
    expect(member.history.map((event) => event.kind)).toEqual(["assigned", "ready", "records"]);
  });

  it("starts at the end of the log with from latest", async () => {
    const topic = await current().topic();
    await current().write(topic, 0, "old");
    const member = await current().join({ group: topic, topics: [topic], from: "latest" });
    expect(member.owned).toMatchObject([{ position: 1, logEnd: 1 }]);
    await current().write(topic, 0, "new");
    expect(await current().values(member, 1)).toEqual(["new"]);
  });

  it("starts at the first record that is not older than a date, or at the end", async () => {
    const topic = await current().topic(2);
    const date = Date.now() - 60_000;
    const at = (partition: number, value: string, timestamp: number) => record(topic, partition, value, { timestamp });
    await current().send([at(0, "before", date - 1_000), at(0, "at", date), at(0, "after", date + 1_000), at(1, "just before", date - 1)]);
    const member = await current().join({ group: topic, topics: [topic], from: new Date(date) });
    expect(member.owned.toSorted((a, b) => a.partition - b.partition)).toMatchObject([{ position: 1 }, { position: 1 }]);
    expect(await current().values(member, 2)).toEqual(["at", "after"]);
  });

  it("starts at the offsets that it is given, unless its group has committed, and as `from` says elsewhere", async () => {
    const topic = await current().topic(2);
    await current().write(topic, 0, "a", "b");
    await current().write(topic, 1, "c");
    const offsets = [{ topic, partition: 0, offset: 1 }];
    const member = await current().join({ group: topic, topics: [topic], offsets });
    expect(member.owned.toSorted((a, b) => a.partition - b.partition)).toMatchObject([{ position: 1 }, { position: 0 }]);
    expect((await current().values(member, 2)).toSorted()).toEqual(["b", "c"]);
    await member.commit(member.current({ topic, partition: 0 }), { offset: 2 });
    await member.close();
    const next = await current().join({ group: topic, topics: [topic], offsets });
    expect(next.owned.toSorted((a, b) => a.partition - b.partition)).toMatchObject([{ position: 2 }, { position: 0 }]);
  });

  it.each([-1, -2, -1_000])("starts at the first record with a date %i ms from the epoch", async (time) => {
    const topic = await current().topic();
    await current().write(topic, 0, "a", "b");
    const member = await current().join({ group: topic, topics: [topic], from: new Date(time) });
    expect(await current().values(member, 2)).toEqual(["a", "b"]);
  });

  it("delivers the records of each partition in order, of all its topics, while they are written", async () => {
    const topics = [await current().topic(2), await current().topic(1)];
    const member = await current().join({ group: topics.join("-"), topics });
    for (let round = 0; round < 30; round++) {
      await current().send(topics.flatMap((topic) => [0, 1, 2, 3].map((index) => record(topic, 0, String(round * 4 + index)))));
    }
    const expected = Array.from({ length: 120 }, (_, index) => String(index));
    for (const topic of topics) expect(await current().values(member, 120, topic)).toEqual(expected);
  });

  it("gives every group all records", async () => {
    const topic = await current().topic();
    await current().write(topic, 0, "a", "b");
    const members = [await current().join({ group: `${topic}-1`, topics: [topic] }), await current().join({ group: `${topic}-2`, topics: [topic] })];
    for (const member of members) expect(await current().values(member, 2)).toEqual(["a", "b"]);
  });

  it("holds paused partitions back while others go on, and continues them without gap or repetition", async () => {
    const topic = await current().topic(2);
    await current().write(topic, 0, "a0");
    const member = await current().join({ group: topic, topics: [topic] });
    await current().values(member, 1);
    const arrived = (partition: number) => member.received.filter((each) => each.partition === partition).map((each) => text(each.value));
    const paused = member.current({ topic, partition: 0 });
    member.consumer.pause([paused]);
    // what was being fetched when it was paused may still come; this record ends that fetch
    await current().write(topic, 1, "b0");
    await current().until("the other partition goes on", () => arrived(1).length === 1);
    await current().write(topic, 0, "a1", "a2");
    await current().write(topic, 1, "b1");
    await current().until("the other partition goes on again", () => arrived(1).length === 2);
    expect(arrived(0)).toEqual(["a0"]);
    member.consumer.resume([paused]);
    await current().until("the paused partition has continued", () => arrived(0).length === 3);
    expect(arrived(0)).toEqual(["a0", "a1", "a2"]);
  });

  it("can be paused as a whole while records arrive, and loses nothing", async () => {
    const topic = await current().topic(2);
    const count = 3_000;
    let pauses = 0;
    const member = await current().join(
      { group: topic, topics: [topic] },
      {
        records(batch, { consumer }) {
          pauses += 1;
          consumer.pause([batch]);
          setImmediate(() => consumer.resume([batch]));
        },
      },
    );
    for (let round = 0; round < 3; round++) {
      await current().send(Array.from({ length: count / 3 }, (_, index) => record(topic, index % 2, `${round}:${index}`)));
    }
    await current().values(member, count);
    expect(new Set(member.received.map((each) => `${each.partition}/${each.offset}`)).size).toBe(count);
    expect(pauses).toBeGreaterThan(0);
  });

  it("can be paused in assigned, and ignores the pause of an epoch that is over", async () => {
    const topic = await current().topic(2);
    await current().write(topic, 0, "a");
    await current().write(topic, 1, "b");
    const member = await current().join(
      { group: topic, topics: [topic] },
      {
        assigned: (partitions, { consumer }) => {
          consumer.pause(partitions.filter(({ partition }) => partition === 0));
          consumer.pause(partitions.map((each) => ({ ...each, epoch: each.epoch - 1 })));
        },
      },
    );
    expect(await current().values(member, 1)).toEqual(["b"]);
    member.consumer.resume([member.current({ topic, partition: 0 })]);
    expect(await current().values(member, 2)).toEqual(["b", "a"]);
  });

  it("refuses to start on an unknown topic, and does not create it", async () => {
    const missing = current().uniqueName();
    const member = current().member({ group: missing, topics: [await current().topic(), missing] });
    await expect(member.consumer.start(member)).rejects.toMatchObject({
      name: "BusError",
      code: "unknown_topic",
      message: expect.stringContaining(missing),
    });
    expect(member.history).toEqual([]);
    expect(await current().transport.admin.describeTopics([missing])).toEqual(new Map());
  });

  it("calls nothing after close, revoked included, and closes more than once", async () => {
    const topic = await current().topic();
    const member = await current().join({ group: topic, topics: [topic] });
    await current().write(topic, 0, "a");
    await current().values(member, 1);
    await Promise.all([member.consumer.close(), member.consumer.close()]);
    await member.consumer.close();
    const calls = member.history.length;
    const other = await current().join({ group: topic, topics: [topic] });
    await current().write(topic, 0, "b");
    expect(await current().values(other, 2)).toEqual(["a", "b"]);
    expect(member.history.length).toBe(calls);
  });

  it("can be closed from its own listener", async () => {
    const topic = await current().topic();
    const closed: Promise<void>[] = [];
    const member = await current().join({ group: topic, topics: [topic] }, { records: (_batch, self) => closed.push(self.close()) });
    await current().send([record(topic, 0, "a", { key: bytes("k") })]);
    await current().until("the consumer was closed", () => closed.length > 0);
    await Promise.all(closed);
    expect(member.received.length).toBe(1);
  });
}
