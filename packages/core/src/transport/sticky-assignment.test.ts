import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TopicPartition } from "./record.js";
import { assignSticky, believed, type GroupAssignment, type Subscriber, withholdOwned } from "./sticky-assignment.js";

const topics = ["a", "b", "c"];
const nameOf = ({ topic, partition }: TopicPartition) => `${topic}[${partition}]`;
const partitionsOf = (counts: readonly number[]) =>
  topics.flatMap((topic, index) => Array.from({ length: counts[index] ?? 0 }, (_, partition) => ({ topic, partition })));

const partitions = fc.array(fc.nat(8), { minLength: 3, maxLength: 3 }).map(partitionsOf);
const subscribers = fc.uniqueArray(
  fc.record({ memberId: fc.constantFrom("m1", "m2", "m3", "m4", "m5"), topics: fc.subarray(topics, { minLength: 1 }) }),
  {
    selector: ({ memberId }) => memberId,
  },
);

const fresh = (members: readonly Omit<Subscriber, "owned">[]): Subscriber[] => members.map((member) => ({ ...member, owned: [] }));
const again = (members: readonly Subscriber[], assignment: GroupAssignment): Subscriber[] =>
  members.map((member) => ({ ...member, owned: assignment.get(member.memberId) ?? [] }));

describe("assignSticky", () => {
  it("gives every partition with a subscriber one owner that subscribed to it, and no move would make the shares more equal", () => {
    fc.assert(
      fc.property(partitions, subscribers, (all, members) => {
        const assignment = assignSticky(fresh(members), all);
        const wanted = all.filter(({ topic }) => members.some((member) => member.topics.includes(topic)));
        expect([...assignment.values()].flat().map(nameOf).toSorted()).toEqual(wanted.map(nameOf).toSorted());
        for (const { memberId, topics: subscribed } of members) {
          const own = assignment.get(memberId) ?? [];
          for (const { topic } of own) {
            expect(subscribed).toContain(topic);
            for (const other of members.filter((each) => each.topics.includes(topic))) {
              expect(own.length - (assignment.get(other.memberId)?.length ?? 0)).toBeLessThanOrEqual(1);
            }
          }
        }
      }),
    );
  });

  it("changes nothing when nothing has changed, whatever the order of the members", () => {
    fc.assert(
      fc.property(partitions, subscribers, (all, members) => {
        const before = assignSticky(fresh(members), all);
        const after = assignSticky(again(fresh(members), before).toReversed(), all);
        const plain = (assignment: typeof before) => [...assignment].map(([memberId, own]) => [memberId, own.map(nameOf).toSorted()]);
        expect(plain(after)).toEqual(plain(before));
      }),
    );
  });

  it("moves no more than it must when a member comes", () => {
    const two = fresh(["m1", "m2"].map((memberId) => ({ memberId, topics })));
    const all = partitionsOf([4, 4, 4]);
    const before = assignSticky(two, all);
    const after = assignSticky([...again(two, before), { memberId: "m3", topics, owned: [] }], all);
    expect([...after.values()].map((own) => own.length)).toEqual([4, 4, 4]);
    for (const memberId of ["m1", "m2"]) {
      expect(before.get(memberId)?.map(nameOf)).toEqual(expect.arrayContaining(after.get(memberId)?.map(nameOf) ?? []));
    }
  });

  it("lets a member keep what it names first", () => {
    const own = partitionsOf([4, 0, 0]).toReversed();
    const after = assignSticky(
      [
        { memberId: "m1", topics, owned: own },
        { memberId: "m2", topics, owned: [] },
      ],
      partitionsOf([4, 0, 0]),
    );
    expect(after.get("m1")?.map(nameOf)).toEqual(["a[2]", "a[3]"]);
  });
});

describe("believed", () => {
  it("leaves a partition to the member that got it last, and to no other", () => {
    const first = { topic: "a", partition: 0 };
    const second = { topic: "a", partition: 1 };
    const claims = believed([
      { memberId: "m1", topics, owned: [first, second], generation: 3 },
      { memberId: "m2", topics, owned: [second], generation: 4 },
      { memberId: "m3", topics, owned: [first], generation: -1 },
    ]);
    expect(claims.map(({ memberId, owned }) => [memberId, owned.map(nameOf)])).toEqual([
      ["m1", ["a[0]"]],
      ["m2", ["a[1]"]],
      ["m3", []],
    ]);
  });
});

describe("withholdOwned", () => {
  /** Rebalances until nothing moves any more; members give up at once what the group does not give them. */
  function settle(members: readonly Omit<Subscriber, "owned">[], all: readonly TopicPartition[], start: GroupAssignment) {
    let subscribers = again(fresh(members), start);
    for (let rounds = 0; ; rounds++) {
      const target = assignSticky(subscribers, all);
      const given = withholdOwned(target, subscribers);
      for (const [memberId, partitions] of given) {
        for (const partition of partitions.map(nameOf)) {
          const others = subscribers.filter((other) => other.memberId !== memberId && other.owned.some((owned) => nameOf(owned) === partition));
          expect(others).toEqual([]);
        }
      }
      const size = (assignment: GroupAssignment) => [...assignment.values()].flat().length;
      if (size(given) === size(target)) return { given, rounds };
      subscribers = again(subscribers, given);
    }
  }

  it("gives nobody what another member owns, and everything after some more rounds: one where all subscribed to the same", () => {
    fc.assert(
      fc.property(partitions, subscribers, subscribers, fc.boolean(), (all, before, members, alike) => {
        const after = alike ? members.map(({ memberId }) => ({ memberId, topics })) : members;
        const { given, rounds } = settle(after, all, assignSticky(fresh(before), all));
        expect(rounds).toBeLessThanOrEqual(alike ? 1 : 5);
        const wanted = all.filter(({ topic }) => after.some((member) => member.topics.includes(topic)));
        expect([...given.values()].flat().map(nameOf).toSorted()).toEqual(wanted.map(nameOf).toSorted());
      }),
    );
  });

  it("takes from both what two members say that they own", () => {
    const both = ["m1", "m2"].map((memberId): Subscriber => ({ memberId, topics, owned: [{ topic: "a", partition: 0 }] }));
    expect([...withholdOwned(assignSticky(both, partitionsOf([1, 0, 0])), both).values()]).toEqual([[], []]);
  });
});
