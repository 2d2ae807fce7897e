import { describe, expect, test } from "vitest";
import { crc32c } from "./crc32c.js";

describe("crc32c", () => {
  // the examples of RFC 3720 § B.4
  test.each([
    ["32 zeros", Buffer.alloc(32), 0x8a9136aa],
    ["32 bytes of ones", Buffer.alloc(32, 0xff), 0x62a8ab43],
    ["32 bytes that count up", Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ["32 bytes that count down", Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
    ["nine digits", Buffer.from("123456789"), 0xe3069283],
    ["nothing", Buffer.alloc(0), 0],
  ])("of %s", (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  test("of a part", () => {
    expect(crc32c(Buffer.from("..123456789.."), 2, 11)).toBe(0xe3069283);
  });
});
