import { describe, expect, it } from "vitest";
import type { Violation } from "../errors.js";
import { Reading } from "../testing/reading.js";
import { atIndex, contractViolation } from "./contract-violation.js";

const violation = (path: string, message = "must be set", rule = "required"): Violation => ({ path, rule, message });

describe("contractViolation", () => {
  it("lists the paths and what is wrong with each", () => {
    const error = contractViolation(Reading, [violation("celsius"), violation("", "must have a sensor")]);
    expect(error.code).toBe("contract_violation");
    expect(error.message).toBe("lab.v1.Reading breaks its contract: celsius: must be set; must have a sensor");
  });

  it("is bounded, though violations is not", () => {
    const many = Array.from({ length: 7 }, (_, i) => violation(`f${i}`, "x".repeat(1_000)));
    const error = contractViolation(Reading, many);
    expect(error.message.length).toBeLessThan(1_000);
    expect(error.message.endsWith("; and 2 more")).toBe(true);
    expect(error.violations).toEqual(many);
  });

  it.each(["homeAddress", "home_address", "home_address[2]", 'homeAddress["12 Acacia Avenue"].zip'])(
    "shows no value of the sensitive field %s",
    (path) => {
      const error = contractViolation(Reading, [violation(path, 'must be short, is "12 Acacia Avenue"', "string.max_len")]);
      const shown = path.startsWith("homeAddress") ? "homeAddress" : "home_address";
      expect(error.violations).toEqual([
        { path: shown, rule: "string.max_len", message: "breaks string.max_len (the field is sensitive: its value is not shown)" },
      ]);
      expect(error.message).not.toContain("Acacia");
    },
  );

  it("hides a sensitive field inside of others, with the index that leads to it", () => {
    const Nested = { ...Reading, sensitiveFields: ["people.home_address"] };
    const error = contractViolation(Nested, [violation("[3].people[1].homeAddress.zip", "is 90210"), violation("people[1].name")]);
    expect(error.violations.map(({ path }) => path)).toEqual(["[3].people[1].homeAddress", "people[1].name"]);
  });
});

describe("atIndex", () => {
  it.each([
    ["celsius", "[2].celsius"],
    ["", "[2]"],
  ])("puts the index before %j", (path, expected) => {
    expect(atIndex(violation(path), 2).path).toBe(expected);
  });
});
