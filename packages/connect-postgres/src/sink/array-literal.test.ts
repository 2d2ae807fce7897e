import fc from "fast-check";
import { parse } from "postgres-array";
import { describe, expect, it } from "vitest";
import { arrayLiteral } from "./array-literal.js";

describe("arrayLiteral", () => {
  it("is read back as what went in", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom('"', "\\", ",", "{", "}", "N", " ") }),
      fc.constantFrom("", "NULL", "null"),
    );
    fc.assert(
      fc.property(fc.array(fc.option(text)), (texts) => {
        expect(parse(arrayLiteral(texts, (item) => item))).toEqual(texts);
      }),
    );
  });
});
