import type { TopicPartition } from "@org/bus-core";
import fc from "fast-check";
import { AssignerProtocol } from "kafkajs";
import { describe, expect, test } from "vitest";
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "./consumer-protocol.js";

// kafkajs, with which this is compared, loses a topic of the name __proto__
const topic = fc.string({ unit: "grapheme", maxLength: 20 }).filter((name) => name !== "__proto__");
const partitions = fc.array(fc.record({ topic, partition: fc.nat(2 ** 31 - 1) }), { maxLength: 30 });
const userData = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));

/** The protocol writes topic by topic. */
const byTopic = (all: readonly TopicPartition[]) => [...Map.groupBy(all, (each) => each.topic).values()].flat();
const toRecord = (all: readonly TopicPartition[]) =>
  Object.fromEntries([...Map.groupBy(all, (each) => each.topic)].map(([name, own]) => [name, own.map(({ partition }) => partition)]));

describe("encodeSubscription", () => {
  test("is read back as it was, each topic's partitions in their order", () => {
    fc.assert(
      fc.property(fc.array(topic), userData, partitions, fc.integer({ min: -1, max: 2 ** 31 - 1 }), (topics, data, owned, generation) => {
        const decoded = decodeSubscription(encodeSubscription({ topics, userData: data, owned, generation }));
        expect(decoded).toEqual({ topics, userData: data, owned: byTopic(owned), generation });
      }),
    );
  });

  test("begins with what members of the first version read", () => {
    const encoded = encodeSubscription({ topics: ["a", "b"], userData: Buffer.from("x"), owned: [{ topic: "a", partition: 3 }], generation: 7 });
    expect(AssignerProtocol.MemberMetadata.decode(encoded)).toEqual({ version: 2, topics: ["a", "b"], userData: Buffer.from("x") });
    // from the definition of the message: what is owned, then the generation
    expect(encoded.subarray(-19).toString("hex")).toBe("00000001000161000000010000000300000007");
  });
});

describe("decodeSubscription", () => {
  test("takes members that say nothing of what they own", () => {
    const encoded = AssignerProtocol.MemberMetadata.encode({ version: 0, topics: ["a"], userData: Buffer.alloc(0) });
    expect(decodeSubscription(encoded)).toEqual({ topics: ["a"], userData: Buffer.alloc(0), owned: [], generation: -1 });
  });

  test("passes over what later versions have added, and takes null for empty", () => {
    // version 3 with a rack, user data null
    expect(decodeSubscription(Buffer.from("00030000000100016bffffffff000000000000000500017a", "hex"))).toEqual({
      topics: ["k"],
      userData: Buffer.alloc(0),
      owned: [],
      generation: 5,
    });
  });

  test("refuses what ends too early", () => {
    const encoded = encodeSubscription({ topics: ["abc"], userData: Buffer.alloc(0), owned: [], generation: 0 });
    for (let length = 0; length < encoded.length; length++) expect(() => decodeSubscription(encoded.subarray(0, length))).toThrow(RangeError);
  });
});

describe("encodeAssignment", () => {
  test("is what kafkajs reads, and reads what kafkajs writes", () => {
    fc.assert(
      fc.property(partitions, userData, fc.boolean(), (all, data, ownersRespected) => {
        const own = byTopic(all);
        const encoded = encodeAssignment({ partitions: all, ownersRespected });
        expect(AssignerProtocol.MemberAssignment.decode(encoded)).toEqual({ version: 2, assignment: toRecord(own), userData: Buffer.alloc(0) });
        expect(decodeAssignment(encoded)).toEqual({ partitions: own, ownersRespected });
        const theirs = AssignerProtocol.MemberAssignment.encode({ version: 0, assignment: toRecord(own), userData: data });
        expect(decodeAssignment(theirs).ownersRespected).toBe(false);
        expect(toRecord(decodeAssignment(theirs).partitions)).toEqual(toRecord(own));
      }),
    );
  });

  test("takes a member that the leader left out", () => {
    expect(decodeAssignment(Buffer.alloc(0)).partitions).toEqual([]);
  });
});
