import { BinaryWriter } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Writer } from "./writer.js";

type Write = (writer: Writer, theirs: BinaryWriter) => unknown;

const int32 = fc.oneof(fc.integer(), fc.integer({ min: -200, max: 200 }));
const uint32 = fc.oneof(fc.nat(0xffffffff), fc.nat(200));
const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -200n, max: 200n }));
const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 200n }));
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 140 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 140 }),
  fc.constantFrom("é".repeat(50), "é".repeat(64), "a".repeat(20_000), "😀".repeat(6000)),
);

const value: fc.Arbitrary<Write> = fc.oneof(
  uint32.map(
    (it): Write =>
      (ours, theirs) => [ours.uint32(it), theirs.uint32(it)],
  ),
  int32.map(
    (it): Write =>
      (ours, theirs) => [ours.int32(it), theirs.int32(it)],
  ),
  int32.map(
    (it): Write =>
      (ours, theirs) => [ours.sint32(it), theirs.sint32(it)],
  ),
  int32.map(
    (it): Write =>
      (ours, theirs) => [ours.fixed32(it), theirs.sfixed32(it)],
  ),
  uint32.map(
    (it): Write =>
      (ours, theirs) => [ours.fixed32(it), theirs.fixed32(it)],
  ),
  int64.map(
    (it): Write =>
      (ours, theirs) => [ours.int64(it), theirs.int64(it)],
  ),
  uint64.map(
    (it): Write =>
      (ours, theirs) => [ours.int64(it), theirs.uint64(it)],
  ),
  int64.map(
    (it): Write =>
      (ours, theirs) => [ours.sint64(it), theirs.sint64(it)],
  ),
  int64.map(
    (it): Write =>
      (ours, theirs) => [ours.fixed64(it), theirs.sfixed64(it)],
  ),
  uint64.map(
    (it): Write =>
      (ours, theirs) => [ours.fixed64(it), theirs.fixed64(it)],
  ),
  fc.float().map(
    (it): Write =>
      (ours, theirs) => [ours.float(it), theirs.float(it)],
  ),
  fc.double().map(
    (it): Write =>
      (ours, theirs) => [ours.double(it), theirs.double(it)],
  ),
  fc.boolean().map(
    (it): Write =>
      (ours, theirs) => [ours.bool(it), theirs.bool(it)],
  ),
  text.map(
    (it): Write =>
      (ours, theirs) => [ours.string(it), theirs.string(it)],
  ),
  fc.uint8Array({ maxLength: 300 }).map(
    (it): Write =>
      (ours, theirs) => [ours.bytes(it), theirs.bytes(it)],
  ),
  fc.uint8Array({ maxLength: 300 }).map(
    (it): Write =>
      (ours, theirs) => [ours.raw(it), theirs.raw(it)],
  ),
);

const nested =
  (write: Write): Write =>
  (ours, theirs) => {
    ours.fork();
    theirs.fork();
    write(ours, theirs);
    ours.ldelim();
    theirs.join();
  };

/** Values, some of them within a message. */
const { values } = fc.letrec<{ values: Write }>((tie) => ({
  values: fc.array(fc.oneof({ maxDepth: 4 }, value, tie("values").map(nested)), { maxLength: 12 }).map(
    (writes): Write =>
      (ours, theirs) =>
        writes.map((write) => write(ours, theirs)),
  ),
}));

describe("Writer", () => {
  it("writes the bytes that another implementation writes, also when it is used again", () => {
    const ours = new Writer();
    fc.assert(
      fc.property(values, (write) => {
        ours.reset();
        const theirs = new BinaryWriter();
        write(ours, theirs);
        expect(Buffer.compare(ours.finish(), theirs.finish())).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives bytes that it does not write to again", () => {
    const writer = new Writer();
    const bytes = writer.string("a").finish();
    writer.reset();
    writer.string("b");
    expect([...bytes]).toEqual([1, 97]);
    expect([...writer.view()]).toEqual([1, 98]);
  });
});
