import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Faults } from "./faults.js";
import { stringBytes, stringLength, stringMaxBytes, stringMaxLength, stringMinBytes, stringMinLength } from "./strings.js";

type Check = (faults: Faults, path: string, value: string, bound: number) => void;

const accepts = (check: Check, value: string, bound: number): boolean => {
  const faults = new Faults();
  check(faults, "text", value, bound);
  return faults.mark() === 0;
};

describe("lengths of strings", () => {
  it("are counted in code points and in bytes of UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 8 }), fc.nat(12), (value, bound) => {
        const characters = [...value].length;
        const bytes = new TextEncoder().encode(value).length;
        expect(accepts(stringLength, value, bound)).toBe(characters === bound);
        expect(accepts(stringMinLength, value, bound)).toBe(characters >= bound);
        expect(accepts(stringMaxLength, value, bound)).toBe(characters <= bound);
        expect(accepts(stringBytes, value, bound)).toBe(bytes === bound);
        expect(accepts(stringMinBytes, value, bound)).toBe(bytes >= bound);
        expect(accepts(stringMaxBytes, value, bound)).toBe(bytes <= bound);
      }),
      { numRuns: 500 },
    );
  });
});
