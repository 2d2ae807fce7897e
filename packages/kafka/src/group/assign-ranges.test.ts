import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assignRanges } from "./assign-ranges.js";

/** By member and topic, the partitions. */
const toObject = (assignment: ReturnType<typeof assignRanges>) =>
  Object.fromEntries(
    [...assignment].map(([memberId, partitions]) => {
      const byTopic = Object.groupBy(partitions, ({ topic }) => topic);
      return [memberId, Object.fromEntries(Object.entries(byTopic).map(([topic, own]) => [topic, own?.map(({ partition }) => partition)]))];
    }),
  );

describe("assignRanges", () => {
  test("gives consecutive partitions to members in the order of their ids, one more to the first", () => {
    const subscribers = ["b", "c", "a"].map((memberId) => ({ memberId, topics: ["t"] }));
    expect(toObject(assignRanges(subscribers, new Map([["t", 7]])))).toEqual({ a: { t: [0, 1, 2] }, b: { t: [3, 4] }, c: { t: [5, 6] } });
  });

  test("respects what each member subscribed to", () => {
    const subscribers = [
      { memberId: "a", topics: ["x"] },
      { memberId: "b", topics: ["x", "y"] },
    ];
    expect(
      toObject(
        assignRanges(
          subscribers,
          new Map([
            ["x", 2],
            ["y", 2],
          ]),
        ),
      ),
    ).toEqual({ a: { x: [0] }, b: { x: [1], y: [0, 1] } });
  });

  test("leaves members without partitions when there are more members", () => {
    const subscribers = ["a", "b", "c"].map((memberId) => ({ memberId, topics: ["t"] }));
    expect(toObject(assignRanges(subscribers, new Map([["t", 2]])))).toEqual({ a: { t: [0] }, b: { t: [1] }, c: {} });
  });

  test("gives each partition to exactly one subscriber, in shares that differ by one at most", () => {
    const topics = fc.uniqueArray(fc.constantFrom<string[]>("x", "y", "z"));
    const members = fc.uniqueArray(fc.record({ memberId: fc.stringMatching(/^[a-z]{1,6}$/), topics }), { selector: ({ memberId }) => memberId });
    const counts = fc.record({ x: fc.nat(40), y: fc.nat(40), z: fc.nat(40) });
    fc.assert(
      fc.property(members, counts, (subscribers, partitionCounts) => {
        const assignments = toObject(assignRanges(subscribers, new Map(Object.entries(partitionCounts))));
        for (const [topic, count] of Object.entries(partitionCounts)) {
          const entitled = subscribers.filter((subscriber) => subscriber.topics.includes(topic));
          const shares = entitled.map(({ memberId }) => assignments[memberId]?.[topic] ?? []);
          const given = Object.values(assignments).flatMap((assignment) => assignment[topic] ?? []);
          expect(given.toSorted((a, b) => a - b)).toEqual(entitled.length === 0 ? [] : Array.from({ length: count }, (_, index) => index));
          expect(shares.flat().length).toBe(given.length);
          const sizes = shares.map((share) => share.length);
          if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(2);
        }
      }),
    );
  });
});
