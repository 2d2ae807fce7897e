import type { TopicPartition } from "@org/bus-core";
import type { Claimant } from "@org/bus-core/internal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameOf } from "../client/topic-partitions.js";
import { assign, decodeAssignment, decodeSubscription, encodeSubscription } from "./assignor.js";

const TOPICS = ["a", "b"];
const NO_GENERATION = -1;

type Holdings = Map<string, readonly TopicPartition[]>;

/** What each member is given, when all join holding what `holdings` says. */
function round(holdings: Holdings, counts: ReadonlyMap<string, number>, generation: number): Holdings {
  const subscribers = [...holdings].map(([memberId, owned]): Claimant => ({ memberId, topics: TOPICS, owned, generation }));
  // as it comes over the wire
  const received = subscribers.map((subscriber) => decodeSubscription(subscriber.memberId, encodeSubscription(subscriber)));
  expect(received.map(({ owned }) => owned.map(nameOf).toSorted())).toEqual(subscribers.map(({ owned }) => owned.map(nameOf).toSorted()));
  return new Map([...assign(received, counts)].map(([memberId, assignment]) => [memberId, decodeAssignment(assignment)]));
}

const namesOf = (holdings: Holdings): string[] => [...holdings.values()].flat().map(nameOf);
const held = (holdings: Holdings, memberId: string): Set<string> => new Set((holdings.get(memberId) ?? []).map(nameOf));

/** Rounds until nothing is asked for any more; each member gives up what it is not given. */
function settle(start: Holdings, counts: ReadonlyMap<string, number>): { readonly holdings: Holdings; readonly moved: number } {
  let holdings = start;
  let moved = 0;
  for (let generation = 1; generation < 10; generation++) {
    const given = round(holdings, counts, generation);
    const names = namesOf(given);
    expect(new Set(names).size).toBe(names.length);
    for (const [memberId, partitions] of given) {
      for (const partition of partitions) {
        const others = [...holdings.keys()].filter((other) => other !== memberId && held(holdings, other).has(nameOf(partition)));
        // nobody gets what another one still holds
        expect(others).toEqual([]);
        if (!held(holdings, memberId).has(nameOf(partition))) moved++;
      }
    }
    const isSettled = [...holdings].every(([memberId, partitions]) => partitions.every((each) => held(given, memberId).has(nameOf(each))));
    holdings = given;
    if (isSettled) return { holdings, moved };
  }
  throw new Error("the group does not settle");
}

const setup = fc.record({
  counts: fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
    .map(([a, b]) => new Map([...[["a", a] as const, ["b", b] as const]])),
  before: fc.integer({ min: 1, max: 5 }),
  leave: fc.integer({ min: 0, max: 2 }),
  join: fc.integer({ min: 0, max: 3 }),
});

describe("assign", () => {
  test("settles in equal shares as members come and go, and nobody gets what another one still holds", () => {
    fc.assert(
      fc.property(setup, ({ counts, before, leave, join }) => {
        const first = settle(new Map(Array.from({ length: before }, (_, member) => [`m${member}`, []])), counts);
        const total = (counts.get("a") ?? 0) + (counts.get("b") ?? 0);
        expect(namesOf(first.holdings).length).toBe(total);
        const staying = [...first.holdings].slice(Math.min(leave, before - 1));
        const joining = Array.from({ length: join }, (_, member): [string, TopicPartition[]] => [`n${member}`, []]);
        const { holdings } = settle(new Map([...staying, ...joining]), counts);
        expect(namesOf(holdings).length).toBe(total);
        const shares = [...holdings.values()].map(({ length }) => length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test.each([
    { members: 3, partitions: 12 },
    { members: 4, partitions: 8 },
    { members: 5, partitions: 17 },
  ])("moves only what must move when one of $members comes or goes", ({ members, partitions }) => {
    const counts = new Map([["a", partitions]]);
    const all = settle(new Map(Array.from({ length: members }, (_, member) => [`m${member}`, []])), counts).holdings;
    const [gone = "", ...rest] = all.keys();
    const afterLeave = settle(new Map(rest.map((memberId) => [memberId, all.get(memberId) ?? []])), counts);
    expect(afterLeave.moved).toBe(all.get(gone)?.length);
    const afterJoin = settle(new Map([...afterLeave.holdings, ["new", []]]), counts);
    expect(afterJoin.moved).toBe(afterJoin.holdings.get("new")?.length);
  });

  test("believes a member that missed a generation as long as nobody has got the partition since", () => {
    const subscribers: Claimant[] = [
      { memberId: "late", topics: ["a"], owned: [0, 1].map((partition) => ({ topic: "a", partition })), generation: 4 },
      { memberId: "newer", topics: ["a"], owned: [1, 2].map((partition) => ({ topic: "a", partition })), generation: 5 },
    ];
    const given = [...assign(subscribers, new Map([["a", 3]]))].map(([memberId, assignment]) => [memberId, decodeAssignment(assignment).map(nameOf)]);
    // what two say that they hold is nobody's in this round
    expect(new Map(given as [string, string[]][])).toEqual(
      new Map([
        ["late", ["a[0]"]],
        ["newer", ["a[2]"]],
      ]),
    );
  });

  test("gives members only what they subscribed to", () => {
    const subscribers: Claimant[] = [
      { memberId: "left", topics: ["a"], owned: [], generation: NO_GENERATION },
      { memberId: "right", topics: ["b"], owned: [], generation: NO_GENERATION },
    ];
    const counts = new Map([
      ["a", 3],
      ["b", 1],
    ]);
    const given = new Map([...assign(subscribers, counts)].map(([memberId, assignment]) => [memberId, decodeAssignment(assignment).map(nameOf)]));
    expect(given).toEqual(
      new Map([
        ["left", ["a[0]", "a[1]", "a[2]"]],
        ["right", ["b[0]"]],
      ]),
    );
  });
});
