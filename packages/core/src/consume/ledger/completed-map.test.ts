import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCompletedMap, encodeCompletedMap } from "./completed-map.js";
import { CompletedOffsets } from "./completed-offsets.js";

/** Sorted runs of a set of offsets, as plainly as it can be said. */
function boundsOf(offsets: ReadonlySet<number>): number[] {
  const sorted = [...offsets].sort((a, b) => a - b);
  return sorted.flatMap((offset) => [...(offsets.has(offset - 1) ? [] : [offset]), ...(offsets.has(offset + 1) ? [] : [offset + 1])]);
}

const base = fc.oneof(
  fc.nat(1_000),
  fc.maxSafeInteger().map((n) => Math.floor(Math.abs(n) / 2)),
);
/** Distances from the base: dense, sparse, and far away. */
const distances = fc.oneof(
  fc.uniqueArray(fc.nat(300), { minLength: 1, maxLength: 300, size: "max" }),
  fc.uniqueArray(fc.nat(20_000), { minLength: 1, maxLength: 500, size: "max" }),
  fc.uniqueArray(fc.nat(1_000_000_000), { minLength: 1, maxLength: 20 }),
);

describe("the completed map", () => {
  it("comes back as the set that it was made of, of whatever shape", () => {
    fc.assert(
      fc.property(base, distances, (from, far) => {
        const offsets = new Set(far.map((distance) => from + distance));
        const metadata = encodeCompletedMap(from, boundsOf(offsets)) ?? "";
        expect(metadata).toMatch(/^bus1[rRbB][A-Za-z0-9+/=]+$/);
        expect(decodeCompletedMap(metadata, from)).toEqual(boundsOf(offsets));
        const completed = new CompletedOffsets(decodeCompletedMap(metadata, from) ?? []);
        const last = Math.max(...offsets);
        const asked = [...offsets, ...[...offsets].flatMap((offset) => [offset - 1, offset + 1])]
          .filter((offset) => offset >= from)
          .sort((a, b) => a - b);
        for (const offset of asked) expect(completed.has(offset)).toBe(offsets.has(offset));
        expect(completed.has(last + 1)).toBe(false);
      }),
    );
  });

  it.each([
    ["all but every 20th, as behind a stuck key", (offset: number) => offset % 20 !== 0, "bus1R", 40],
    ["runs of thousands", (offset: number) => offset % 5_000 !== 0, "bus1r", 20],
    ["every second", (offset: number) => offset % 2 === 1, "bus1B", 40],
  ])("is written in the shorter of its forms: %s", (_, isSettled, start, maxLength) => {
    const offsets = new Set(Array.from({ length: 10_000 }, (__, index) => index).filter(isSettled));
    const metadata = encodeCompletedMap(0, boundsOf(offsets)) ?? "";
    expect(metadata.slice(0, 5)).toBe(start);
    expect(metadata.length).toBeLessThan(maxLength);
  });

  it("takes no more than 1,700 characters for the default span of 10,000 offsets, 4,030 for 24,000, even where nothing can be compressed", () => {
    for (const [span, maxLength] of [
      [10_000, 1_700],
      [24_000, 4_030],
    ] as const) {
      let state = 1;
      const random = () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
      };
      const offsets = new Set(Array.from({ length: span }, (_, index) => index).filter(() => random() < 0.5));
      expect((encodeCompletedMap(0, boundsOf(offsets)) ?? "").length).toBeLessThan(maxLength);
    }
  });

  it("is given up when its offsets are too many to be told", () => {
    expect(
      encodeCompletedMap(
        0,
        Array.from({ length: 140_000 }, (_, index) => 1 + index * 8),
      ),
    ).toBeUndefined();
  });

  it("is believed only beside the offset for which it was written", () => {
    const metadata = encodeCompletedMap(100, [101, 105]) ?? "";
    expect(decodeCompletedMap(metadata, 100)).toEqual([101, 105]);
    expect(decodeCompletedMap(metadata, 99)).toBeUndefined();
    expect(decodeCompletedMap(metadata, 101)).toBeUndefined();
  });

  it.each([
    "",
    "node-7",
    "bus1",
    "bus1r",
    "bus1x00",
    "bus2rAAEB",
    `bus1r${"A".repeat(4_091)}`,
    // open, settled, open: the last run says nothing
    `bus1r${Buffer.from([0, 1, 1, 1]).toString("base64")}`,
    // a number that is cut off, and one that is too long
    `bus1r${Buffer.from([0, 1, 0x80]).toString("base64")}`,
    `bus1r${Buffer.from([0, 1, ...Array(9).fill(0xff)]).toString("base64")}`,
    // beyond 2^53
    `bus1r${Buffer.from([0, ...Array(4).fill([255, 255, 255, 255, 255, 255, 255, 15]).flat()]).toString("base64")}`,
    `bus1b${Buffer.from([0, 1, 0]).toString("base64")}`,
    `bus1R${Buffer.from([0, 1, 2, 3]).toString("base64")}`,
    // a small text that would be 100 MB
    `bus1B${Buffer.concat([Buffer.from([0]), deflateRawSync(Buffer.alloc(100_000_000, 255))]).toString("base64")}`,
  ])("is not seen in other metadata: %.40s", (metadata) => {
    expect(decodeCompletedMap(metadata, 0)).toBeUndefined();
  });

  it("never throws, and answers ascending offsets from the committed one on, whatever it is given", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.tuple(fc.constantFrom("bus1r", "bus1b", "bus1R", "bus1B"), fc.base64String()).map((parts) => parts.join("")),
      fc
        .tuple(fc.constantFrom("r", "b"), fc.uint8Array({ maxLength: 200 }))
        .map(([form, bytes]) => `bus1${form}${Buffer.concat([Buffer.from([0]), bytes]).toString("base64")}`),
      fc
        .tuple(fc.constantFrom("R", "B"), fc.uint8Array({ maxLength: 200 }))
        .map(([form, bytes]) => `bus1${form}${Buffer.concat([Buffer.from([0]), deflateRawSync(bytes)]).toString("base64")}`),
    );
    fc.assert(
      fc.property(text, (metadata) => {
        const bounds = decodeCompletedMap(metadata, 0);
        if (bounds === undefined) return;
        expect(bounds.length % 2).toBe(0);
        expect(bounds.every((bound, index) => Number.isSafeInteger(bound) && bound >= 0 && (index === 0 || bound > (bounds[index - 1] ?? 0)))).toBe(
          true,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
