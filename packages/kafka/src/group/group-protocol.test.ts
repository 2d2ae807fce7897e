import type { TopicPartition } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { decodeAssignment, decodeSubscription } from "./consumer-protocol.js";
import { assignGroup, COOPERATIVE, describeMember, type GroupMember, RANGE, respectsOwners, topicsOf } from "./group-protocol.js";

const own = (...partitions: number[]): TopicPartition[] => partitions.map((partition) => ({ topic: "t", partition }));

/** A member as the coordinator would show it under a protocol. */
function member(memberId: string, protocol: string, owned: readonly TopicPartition[] = [], generation = 1, topics = ["t"]): GroupMember {
  const { metadata } = describeMember({ topics, owned, generation }).find(({ name }) => name === protocol) ?? { metadata: Buffer.alloc(0) };
  return { memberId, memberMetadata: metadata };
}

const assign = (protocol: string, members: readonly GroupMember[], count: number) =>
  Object.fromEntries(
    assignGroup(protocol, members, new Map([["t", count]])).map(({ memberId, memberAssignment }) => [
      memberId,
      decodeAssignment(memberAssignment).partitions.map(({ partition }) => partition),
    ]),
  );

describe("describeMember", () => {
  test("offers cooperative rebalancing first, and puts the generation where all Java members look for it", () => {
    const described = describeMember({ topics: ["t"], owned: own(1), generation: 9 });
    expect(described.map(({ name }) => name)).toEqual(["cooperative-sticky", "range"]);
    const [cooperative, range] = described.map(({ metadata }) => decodeSubscription(metadata));
    expect(cooperative).toEqual({ topics: ["t"], userData: Buffer.from([0, 0, 0, 9]), owned: own(1), generation: 9 });
    expect(range).toEqual({ topics: ["t"], userData: Buffer.alloc(0), owned: own(1), generation: 9 });
  });
});

describe("assignGroup", () => {
  test("keeps partitions where they are, and withholds those that move", () => {
    const members = [member("a", COOPERATIVE.name, own(3, 2, 1, 0)), member("b", COOPERATIVE.name)];
    expect(assign(COOPERATIVE.name, members, 4)).toEqual({ a: [2, 3], b: [] });
    const later = [member("a", COOPERATIVE.name, own(3, 2)), member("b", COOPERATIVE.name)];
    expect(assign(COOPERATIVE.name, later, 4)).toEqual({ a: [2, 3], b: [0, 1] });
  });

  test("believes of two who say that they own a partition the one who got it later, and gives it to neither before the other has let go", () => {
    const members = [member("a", COOPERATIVE.name, own(0, 1), 4), member("b", COOPERATIVE.name, own(0, 2), 5)];
    expect(assign(COOPERATIVE.name, members, 4)).toEqual({ a: [1, 3], b: [2] });
    const later = [member("a", COOPERATIVE.name, own(1, 3), 6), member("b", COOPERATIVE.name, own(0, 2), 5)];
    expect(assign(COOPERATIVE.name, later, 4)).toEqual({ a: [1, 3], b: [0, 2] });
  });

  test("withholds also under range, where members still own something of a time before", () => {
    const members = [member("a", RANGE.name, own(0, 1, 2, 3)), member("b", RANGE.name)];
    expect(assign(RANGE.name, members, 4)).toEqual({ a: [0, 1], b: [] });
    expect(assign(RANGE.name, [member("a", RANGE.name), member("b", RANGE.name)], 4)).toEqual({ a: [0, 1], b: [2, 3] });
  });

  test("refuses a protocol that it did not offer", () => {
    expect(() => assign("roundrobin", [], 1)).toThrow("the group chose the protocol roundrobin, which this member did not offer");
  });
});

describe("respectsOwners", () => {
  test("holds for the cooperative protocol, and for range when the leader is one of ours", () => {
    const theirs = decodeAssignment(Buffer.from("00000000000000000000", "hex"));
    const [ours] = assignGroup(RANGE.name, [member("a", RANGE.name)], new Map([["t", 1]]));
    expect(respectsOwners(COOPERATIVE.name, theirs)).toBe(true);
    expect(respectsOwners(RANGE.name, theirs)).toBe(false);
    expect(respectsOwners(RANGE.name, decodeAssignment(ours?.memberAssignment ?? Buffer.alloc(0)))).toBe(true);
  });
});

describe("topicsOf", () => {
  test("is what anybody subscribed to", () => {
    expect([...topicsOf([member("a", RANGE.name, [], 0, ["x", "y"]), member("b", RANGE.name, [], 0, ["y", "z"])])]).toEqual(["x", "y", "z"]);
  });
});
