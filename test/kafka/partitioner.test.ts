import { partitionForKey } from "@org/bus-core/internal";
import { describe, expect, test } from "vitest";
import vectors from "./vectors/murmur2.json" with { type: "json" };

describe("partitionForKey", () => {
  test.each([
    [0, 40],
    [40, 400],
  ])("chooses the partition that the Java client chooses, for keys %i to %i", (from, to) => {
    for (const { key, partitions, partition } of vectors.slice(from, to)) {
      expect({ key, partition: partitionForKey(Buffer.from(key, "hex"), partitions) }).toEqual({ key, partition });
    }
  });
});
