import { expect, it } from "vitest";
import { type Fixture, record } from "./fixture.js";
import type { Member, MemberHooks } from "./member.js";

/** Several members: who owns what, and what happens at the seams. */
export function groupConformance(current: () => Fixture): void {
  const names = (topic: string, partitions: number) => Array.from({ length: partitions }, (_, partition) => `${topic}[${partition}]`);
  /** Every partition has exactly one owner, and every member between `min` and `max` of them. */
  const shares = (members: readonly Member[], all: readonly string[], min: number, max: number) =>
    members.every(({ owned }) => owned.length >= min && owned.length <= max) &&
    members
      .flatMap((member) => member.ownedNames)
      .toSorted()
      .join() === all.toSorted().join();
  const offsetsOf = (members: readonly Member[]) => members.flatMap((member) => member.received.map((each) => `${each.partition}/${each.offset}`));

  /** Runs `body` while records are written to all partitions, so that some are on their way whenever something changes. */
  async function underTraffic(topic: string, partitions: number, body: () => Promise<void>): Promise<void> {
    let over = false;
    const write = async () => {
      const records = Array.from({ length: partitions }, (_, partition) => record(topic, partition, "x"));
      while (!over) await current().send(records);
    };
    const writing = write();
    try {
      await body();
    } finally {
      over = true;
      await writing;
    }
  }

  it("gives each partition to one member, in equal shares, and each member the records of its own", async () => {
    const topic = await current().topic(4);
    const options = { group: topic, topics: [topic] };
    const one = await current().join(options);
    const two = await current().join({ ...options, transport: current().otherTransport });
    await current().until("both have their share", () => shares([one, two], names(topic, 4), 2, 2));
    const mine = new Map([one, two].map((member) => [member, member.ownedNames]));
    await current().send(Array.from({ length: 400 }, (_, index) => record(topic, index % 4, String(index))));
    await current().until("all records have come", () => offsetsOf([one, two]).length >= 400);
    expect(new Set(offsetsOf([one, two])).size).toBe(400);
    for (const member of [one, two])
      expect([...new Set(member.received.map((each) => `${topic}[${each.partition}]`))].toSorted()).toEqual(mine.get(member));
  });

  it("gives members that subscribed to different topics only their own", async () => {
    const [left, right, both] = [await current().topic(2), await current().topic(2), await current().topic(2)];
    const one = await current().join({ group: left, topics: [left, both] });
    const two = await current().join({ group: left, topics: [right, both], transport: current().otherTransport });
    const all = [...names(left, 2), ...names(right, 2), ...names(both, 2)];
    await current().until("every partition has an owner", () => shares([one, two], all, 2, 4));
    expect(one.owned.filter(({ topic }) => topic === right)).toEqual([]);
    expect(two.owned.filter(({ topic }) => topic === left)).toEqual([]);
  });

  it("has members without partitions when there are more members than partitions", async () => {
    const topic = await current().topic(1);
    const options = { group: topic, topics: [topic] };
    const members = [await current().join(options), await current().join({ ...options, transport: current().otherTransport })];
    await current().until("one has the partition, the other nothing", () => shares(members, names(topic, 1), 0, 1));
  });

  it("hands everything over when a member closes", async () => {
    const topic = await current().topic(2);
    const options = { group: topic, topics: [topic] };
    const one = await current().join(options);
    const two = await current().join({ ...options, transport: current().otherTransport });
    await current().until("both have their share", () => shares([one, two], names(topic, 2), 1, 1));
    await one.close();
    await current().until("the other has all", () => shares([two], names(topic, 2), 2, 2));
    await current().write(topic, 0, "a");
    await current().write(topic, 1, "b");
    expect((await current().values(two, 2)).toSorted()).toEqual(["a", "b"]);
  });

  it("moves partitions as a third member comes and goes, and no commit of an earlier owner counts", async () => {
    const topic = await current().topic(6);
    const options = { group: topic, topics: [topic] };
    const one = await current().join(options);
    const two = await current().join({ ...options, transport: current().otherTransport });
    await current().until("two have their share", () => shares([one, two], names(topic, 6), 3, 3));
    const before = one.owned;
    await underTraffic(topic, 6, async () => {
      const three = await current().join(options);
      await current().until("three have their share", () => shares([one, two, three], names(topic, 6), 2, 2));
      await three.close();
      await current().until("two have all again", () => shares([one, two], names(topic, 6), 3, 3));
    });
    // that epochs only grow, and that nothing comes after a revocation, is checked after every test
    for (const { topic: ofTopic, partition, epoch } of before) {
      const commit = one.commit({ topic: ofTopic, partition, epoch }, { offset: 0, metadata: "stale" });
      if (one.owned.some((each) => each.partition === partition && each.epoch === epoch)) await commit;
      else await expect(commit).rejects.toMatchObject({ code: "fenced" });
    }
    const stillOwned = before.filter(({ partition, epoch }) => one.owned.some((each) => each.partition === partition && each.epoch === epoch));
    expect(await current().committed(topic, topic)).toEqual(stillOwned.map(({ partition }) => ({ partition, offset: 0, metadata: "stale" })));
  });

  it("tells a member nothing of what it keeps, and goes on with it, where features.incrementalRebalance", async () => {
    if (!current().transport.features.incrementalRebalance) return;
    const topic = await current().topic(6);
    const options = { group: topic, topics: [topic] };
    const refused: unknown[] = [];
    const commitReceived: MemberHooks = {
      records({ partition, epoch, records }, member) {
        const offset = (records.at(-1)?.offset ?? 0) + 1;
        const isOwned = () => member.owned.some((owned) => owned.partition === partition && owned.epoch === epoch);
        void member.commit({ topic, partition, epoch }, { offset }).catch((error: unknown) => isOwned() && refused.push(error));
      },
    };
    const one = await current().join(options, commitReceived);
    const before = one.owned;
    await underTraffic(topic, 6, async () => {
      const two = await current().join({ ...options, transport: current().otherTransport }, commitReceived);
      await current().until("two have their share", () => shares([one, two], names(topic, 6), 3, 3));
      const kept = one.owned;
      expect(before).toEqual(expect.arrayContaining([...kept]));
      await two.close();
      await current().until("one has all again", () => shares([one], names(topic, 6), 6, 6));
      expect(one.owned).toEqual(expect.arrayContaining([...kept]));
      const received = one.received.length;
      await current().until("each partition goes on", () => new Set(one.received.slice(received).map(({ partition }) => partition)).size === 6);
    });
    const told = one.history.filter(({ kind }) => kind === "assigned" || kind === "revoked" || kind === "lost");
    expect(told.map((event) => [event.kind, "partitions" in event ? event.partitions.length : 0])).toEqual([
      ["assigned", 6],
      ["revoked", 3],
      ["assigned", 3],
    ]);
    expect(refused).toEqual([]);
  });

  it("loses nothing over a rebalance when revoked commits, and repeats nothing where features.awaitableRevoke", async () => {
    const topic = await current().topic(4);
    const { awaitableRevoke } = current().transport.features;
    const holders = new Map<number, Member>();
    const overlaps: string[] = [];
    const commitReceived: MemberHooks = {
      assigned(partitions, member) {
        for (const { partition } of partitions) {
          if (holders.has(partition)) overlaps.push(`${partition} was assigned before its owner had given it up`);
          holders.set(partition, member);
        }
      },
      async revoked(partitions, member) {
        // a drain that takes a while
        await current().transport.admin.offsets(topic);
        for (const partition of partitions) {
          const offset = member.position(partition);
          if (offset !== undefined) await member.commit(partition, { offset });
          if (holders.get(partition.partition) === member) holders.delete(partition.partition);
        }
      },
    };
    const options = { group: topic, topics: [topic] };
    const members = [await current().join(options, commitReceived)];
    let sent = 0;
    const send = async (count: number) => {
      await current().send(Array.from({ length: count }, () => record(topic, sent++ % 4, "x")));
    };
    for (const transport of [current().otherTransport, current().transport]) {
      await send(400);
      members.push(await current().join({ ...options, transport }, commitReceived));
      await send(400);
    }
    await current().until("all records have come", () => new Set(offsetsOf(members)).size >= sent);
    await current().until("three have their share", () => shares(members, names(topic, 4), 1, 2));
    if (awaitableRevoke) expect([offsetsOf(members).length, overlaps]).toEqual([sent, []]);
  });

  it("loses nothing over rebalances when nothing was committed", async () => {
    const topic = await current().topic(3);
    const options = { group: topic, topics: [topic] };
    const one = await current().join(options);
    await current().send(Array.from({ length: 300 }, (_, index) => record(topic, index % 3, "x")));
    const two = await current().join({ ...options, transport: current().otherTransport });
    await current().send(Array.from({ length: 300 }, (_, index) => record(topic, index % 3, "x")));
    await current().until("all records have come", () => new Set(offsetsOf([one, two])).size === 600);
  });
}
