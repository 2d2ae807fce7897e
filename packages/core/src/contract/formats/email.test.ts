import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEmail } from "./email.js";
import { isUuid } from "./uuid.js";

/** The expression that the HTML standard gives for `<input type=email>`. */
const email = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const uuid = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/;

describe("isEmail and isUuid", () => {
  it("hold for what the expressions of the standards match, and for nothing else", () => {
    const texts = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "Z", "0", ".", "-", "@", "_", " ", "é", "\n", "😀", "x".repeat(30)), maxLength: 12 }),
      fc.emailAddress(),
      fc
        .tuple(fc.uuid(), fc.nat(36), fc.constantFrom("g", "-", "A", "", " ", "/", ":", "@", "G", "`"))
        .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1)),
    );
    const seen = { emails: 0, uuids: 0, neither: 0 };
    fc.assert(
      fc.property(texts, (text) => {
        expect([isEmail(text), isUuid(text)]).toEqual([email.test(text), uuid.test(text)]);
        if (email.test(text)) seen.emails++;
        else if (uuid.test(text)) seen.uuids++;
        else seen.neither++;
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.emails, seen.uuids, seen.neither)).toBeGreaterThan(50);
  });
});
