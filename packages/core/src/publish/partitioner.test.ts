import { describe, expect, it } from "vitest";
import { partitionForKey, StickyPartitions } from "./partitioner.js";

describe("partitionForKey", () => {
  it("takes the hash without its sign", () => {
    // murmur2("21") is -973932308
    expect(partitionForKey(Buffer.from("21"), 1_000)).toBe((-973932308 & 0x7fffffff) % 1_000);
    expect(partitionForKey(Buffer.from("21"), 1)).toBe(0);
  });
});

describe("StickyPartitions", () => {
  it("stays until the batch is out and then goes round", () => {
    const sticky = new StickyPartitions(Math.random);
    const first = sticky.of("t", 3);
    expect(sticky.of("t", 3)).toBe(first);
    const seen = [first];
    for (let batch = 0; batch < 2; batch++) {
      sticky.advance();
      seen.push(sticky.of("t", 3));
    }
    expect(seen.toSorted()).toEqual([0, 1, 2]);
  });

  it("keeps within the number of partitions when that changes", () => {
    const sticky = new StickyPartitions(Math.random);
    sticky.of("t", 100);
    expect(sticky.of("t", 1)).toBe(0);
  });
});
