import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TopicPartition } from "../record.js";
import { assignPartitions, type Subscriber } from "./assign.js";

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
const again = (members: readonly Subscriber[], assignment: ReadonlyMap<string, TopicPartition[]>): Subscriber[] =>
  members.map((member) => ({ ...member, owned: assignment.get(member.memberId) ?? [] }));

describe("assignPartitions", () => {
  it("gives every partition with a subscriber one owner that subscribed to it, and no move would make the shares more equal", () => {
    fc.assert(
      fc.property(partitions, subscribers, (all, members) => {
        const assignment = assignPartitions(fresh(members), all);
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
        const before = assignPartitions(fresh(members), all);
        const after = assignPartitions(again(fresh(members), before).toReversed(), all);
        const plain = (assignment: typeof before) => [...assignment].map(([memberId, own]) => [memberId, own.map(nameOf).toSorted()]);
        expect(plain(after)).toEqual(plain(before));
      }),
    );
  });

  it("moves no more than it must when a member comes", () => {
    const two = fresh(["m1", "m2"].map((memberId) => ({ memberId, topics })));
    const all = partitionsOf([4, 4, 4]);
    const before = assignPartitions(two, all);
    const after = assignPartitions([...again(two, before), { memberId: "m3", topics, owned: [] }], all);
    expect([...after.values()].map((own) => own.length)).toEqual([4, 4, 4]);
    for (const memberId of ["m1", "m2"]) {
      expect(before.get(memberId)?.map(nameOf)).toEqual(expect.arrayContaining(after.get(memberId)?.map(nameOf) ?? []));
    }
  });
});
