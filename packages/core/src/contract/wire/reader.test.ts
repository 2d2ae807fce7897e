import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader, safeNumber } from "./reader.js";
import { Writer } from "./writer.js";

const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }));
const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 33n }));

/** The bytes of a varint, worked out the slow way. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.finish();
}

describe("64-bit integers", () => {
  it("are written and read as varints", () => {
    fc.assert(
      fc.property(int64, (value) => {
        const bytes = written((writer) => writer.int64(value));
        expect([...bytes]).toEqual(varint(value));
        expect(new MessageReader(bytes).int64Bigint()).toBe(value);
      }),
    );
    fc.assert(
      fc.property(uint64, (value) => {
        const bytes = written((writer) => writer.int64(value));
        expect([...bytes]).toEqual(varint(value));
        expect(new MessageReader(bytes).uint64Bigint()).toBe(value);
      }),
    );
  });

  it("are written and read in zigzag", () => {
    fc.assert(
      fc.property(int64, (value) => {
        const bytes = written((writer) => writer.sint64(value));
        expect([...bytes]).toEqual(varint(value < 0n ? -2n * value - 1n : 2n * value));
        expect(new MessageReader(bytes).sint64Bigint()).toBe(value);
      }),
    );
  });

  it("are written and read in eight bytes", () => {
    fc.assert(
      fc.property(int64, (value) => {
        const bytes = written((writer) => writer.fixed64(value));
        expect(Buffer.from(bytes).readBigInt64LE()).toBe(value);
        expect(new MessageReader(bytes).sfixed64Bigint()).toBe(value);
        expect(new MessageReader(bytes).fixed64Bigint()).toBe(BigInt.asUintN(64, value));
      }),
    );
  });

  it("are not read from a varint that is cut off or too long", () => {
    expect(() => new MessageReader(Uint8Array.of(0x80)).int64Bigint()).toThrow("the bytes end within a field");
    expect(() => new MessageReader(new Uint8Array(11).fill(0x80)).uint64Bigint()).toThrow("a varint is longer than 10 bytes");
  });

  it("are not rounded to numbers", () => {
    expect(safeNumber(-(2n ** 53n) + 1n)).toBe(Number.MIN_SAFE_INTEGER);
    expect(() => safeNumber(2n ** 53n)).toThrow("9007199254740992 is no safe integer, as jstype = JS_NUMBER needs; leave jstype away");
  });
});

describe("MessageReader", () => {
  it("reads nothing past the end of a nested message", () => {
    const reader = new MessageReader(Uint8Array.of(1, 0x80, 1, 7));
    const outer = reader.enter();
    expect(() => reader.uint32()).toThrow(RangeError);
    const again = new MessageReader(Uint8Array.of(2, 0x80, 1, 7));
    const end = again.enter();
    expect(again.uint32()).toBe(128);
    again.leave(end);
    expect(again.uint32()).toBe(7);
    expect(outer).toBe(4);
  });

  it("refuses a length beyond the end", () => {
    expect(() => new MessageReader(Uint8Array.of(5, 1)).enter()).toThrow("5 bytes are announced, but 1 are left");
    expect(() => new MessageReader(Uint8Array.of(0x80)).enter()).toThrow(RangeError);
  });

  it("refuses text that is not UTF-8, short or long", () => {
    const text = (bytes: readonly number[]): string => new MessageReader(Uint8Array.of(bytes.length, ...bytes)).text();
    expect(text([0xe2, 0x82, 0xac])).toBe("€");
    // what stands for bytes that are no UTF-8 may be meant
    expect(text([0xef, 0xbf, 0xbd])).toBe("\ufffd");
    expect(text([...Array<number>(20).fill(0x61), 0xef, 0xbf, 0xbd])).toBe(`${"a".repeat(20)}\ufffd`);
    expect(text([0xef, 0xbb, 0xbf, 0x61])).toBe("\ufeffa");
    // a lone surrogate, an overlong form, a cut character, and one beyond Unicode
    for (const bad of [
      [0xed, 0xa0, 0x80],
      [0xc0, 0x80],
      [0xe2, 0x82],
      [0xf4, 0x90, 0x80, 0x80],
    ]) {
      expect(() => text(bad)).toThrow("a text is no UTF-8");
      expect(() => text([...Array<number>(80).fill(0x61), ...bad])).toThrow("a text is no UTF-8");
    }
  });

  it("copies bytes out of what it reads", () => {
    const bytes = Buffer.from([2, 1, 2]);
    const copy = new MessageReader(bytes).copyBytes();
    bytes.fill(9);
    expect(copy).toStrictEqual(Uint8Array.of(1, 2));
  });
});
