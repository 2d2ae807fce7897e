import { expect, it } from "vitest";
import type { Fixture } from "./fixture.js";
import type { Member } from "./member.js";

/** Committed offsets: what writes them, what refuses them, and where a group starts by them. */
export function commitConformance(current: () => Fixture): void {
  /** How a member that may not start ends: by a rejected start, or by `stopped` after it. */
  async function failureOf(member: Member): Promise<unknown> {
    try {
      await member.consumer.start(member);
    } catch (error) {
      return error;
    }
    await current().until("the consumer has stopped", () => member.stoppedWith !== undefined);
    return member.stoppedWith;
  }

  it("commits nothing by itself", async () => {
    const topic = await current().topic();
    await current().write(topic, 0, "a", "b");
    const member = await current().join({ group: topic, topics: [topic] });
    await current().values(member, 2);
    await member.close();
    expect(await current().committed(topic, topic)).toEqual([]);
    const next = await current().join({ group: topic, topics: [topic] });
    expect(await current().values(next, 2)).toEqual(["a", "b"]);
  });

  it("resumes at the committed offset, whatever `from` says, and hands back the metadata", async () => {
    const topic = await current().topic(2);
    await current().write(topic, 0, "a", "b", "c");
    await current().write(topic, 1, "x");
    const member = await current().join({ group: topic, topics: [topic] });
    await current().values(member, 4);
    const metadata = `${"m".repeat(4_090)}+/=:{}`;
    await member.commit(member.current({ topic, partition: 0 }), { offset: 2, metadata });
    expect(await current().committed(topic, topic)).toEqual([{ partition: 0, offset: 2, metadata }]);
    await member.close();

    const next = await current().join({ group: topic, topics: [topic], from: "latest" });
    expect(next.owned.toSorted((a, b) => a.partition - b.partition)).toMatchObject([
      { partition: 0, position: 2, committed: { offset: 2, metadata } },
      { partition: 1, position: 1, committed: undefined },
    ]);
    expect(await current().values(next, 1)).toEqual(["c"]);
  });

  it("takes several partitions at once, later commits over earlier ones, also lower ones", async () => {
    const topic = await current().topic(2);
    await current().write(topic, 0, "a", "b");
    await current().write(topic, 1, "x", "y");
    const member = await current().join({ group: topic, topics: [topic] });
    const [first, second] = [member.current({ topic, partition: 0 }), member.current({ topic, partition: 1 })];
    await member.consumer.commit([
      { ...first, offset: 2, metadata: "" },
      { ...second, offset: 2, metadata: "two" },
    ]);
    await Promise.all([
      member.commit(first, { offset: 2 }),
      member.commit(second, { offset: 2, metadata: "still" }),
      member.commit(first, { offset: 1 }),
    ]);
    expect(await current().committed(topic, topic)).toEqual([
      { partition: 0, offset: 1, metadata: "" },
      { partition: 1, offset: 2, metadata: "still" },
    ]);
  });

  it("can commit from the listener", async () => {
    const topic = await current().topic();
    await current().write(topic, 0, "a", "b");
    const commits: Promise<void>[] = [];
    await current().join(
      { group: topic, topics: [topic] },
      { records: (batch, member) => commits.push(member.commit(batch, { offset: (batch.records.at(-1)?.offset ?? 0) + 1 })) },
    );
    await current().until("a batch has come", () => commits.length > 0);
    await Promise.all(commits);
    expect((await current().committed(topic, topic)).length).toBe(1);
  });

  it("refuses a commit of a stale epoch, which changes nothing", async () => {
    const topic = await current().topic();
    await current().write(topic, 0, "a", "b");
    const member = await current().join({ group: topic, topics: [topic] });
    const partition = member.current({ topic, partition: 0 });
    await member.commit(partition, { offset: 1, metadata: "kept" });
    await expect(member.commit({ ...partition, epoch: partition.epoch - 1 }, { offset: 2, metadata: "stale" })).rejects.toMatchObject({
      code: "fenced",
    });
    expect(await current().committed(topic, topic)).toEqual([{ partition: 0, offset: 1, metadata: "kept" }]);
  });

  it("refuses metadata that is too long, and commits nothing of it, but the other partitions of the commit", async () => {
    const topic = await current().topic(2);
    const member = await current().join({ group: topic, topics: [topic] });
    const [first, second] = [member.current({ topic, partition: 0 }), member.current({ topic, partition: 1 })];
    const commit = member.consumer.commit([
      { ...first, offset: 0, metadata: "m".repeat(4_097) },
      { ...second, offset: 0, metadata: "m".repeat(4_096) },
    ]);
    await expect(commit).rejects.toMatchObject({ name: "BusError", code: "transport_failed", retryable: false });
    expect(await current().committed(topic, topic)).toMatchObject([{ partition: 1, offset: 0 }]);
  });

  async function commitBeyondTheLog(): Promise<string> {
    const topic = await current().topic();
    await current().write(topic, 0, "a", "b");
    const member = await current().join({ group: topic, topics: [topic] });
    await member.commit(member.current({ topic, partition: 0 }), { offset: 7 });
    await member.close();
    return topic;
  }

  it("stops on a committed offset out of range, before anything is delivered, and leaves it as it is", async () => {
    const topic = await commitBeyondTheLog();
    const member = current().member({ group: topic, topics: [topic], outOfRange: "stop" });
    expect(await failureOf(member)).toMatchObject({
      name: "BusError",
      code: "offset_out_of_range",
      message: expect.stringContaining(`group ${topic} has committed offset 7 of ${topic}[0], but the log holds 0 to 2`),
    });
    expect(member.received).toEqual([]);
    expect(await current().committed(topic, topic)).toEqual([{ partition: 0, offset: 7, metadata: "" }]);
  });

  it("goes to the start of the log with outOfRange earliest", async () => {
    const topic = await commitBeyondTheLog();
    const member = await current().join({ group: topic, topics: [topic], from: "latest", outOfRange: "earliest" });
    expect(member.owned).toMatchObject([{ position: 0, committed: { offset: 7 } }]);
    expect(await current().values(member, 2)).toEqual(["a", "b"]);
  });

  it("goes to the end of the log with outOfRange latest", async () => {
    const topic = await commitBeyondTheLog();
    const member = await current().join({ group: topic, topics: [topic], outOfRange: "latest" });
    expect(member.owned).toMatchObject([{ position: 2, committed: { offset: 7 } }]);
    await current().write(topic, 0, "c");
    expect(await current().values(member, 1)).toEqual(["c"]);
  });
}
