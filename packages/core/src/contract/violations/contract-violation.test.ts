import { describe, expect, it } from "vitest";
import { canary } from "../../../../../test/support/canary.js";
import type { Violation } from "../../errors.js";
import { SensitiveReading as Reading } from "../../testing/reading.js";
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

  it.each([
    ["homeAddress", "homeAddress"],
    [`home_address["${canary}12 Acacia Avenue"].zip`, "home_address.zip"],
    [`homeAddress["${canary}a \\"]. b"]`, "homeAddress"],
    ["[3].homeAddress[42]", "[3].homeAddress"],
    ['labels["12 Acacia Avenue"]', 'labels["12 Acacia Avenue"]'],
  ])("shows no key of a sensitive map, nor of others less than was there: %#", (path, shown) => {
    expect(contractViolation(Reading, [violation(path)]).violations).toEqual([violation(shown)]);
  });

  it("knows sensitive fields inside of others", () => {
    const Nested = { ...Reading, sensitiveFields: ["people.home_address"] };
    const error = contractViolation(Nested, [violation("people[1].homeAddress[2].zip"), violation("people[1].names[2]")]);
    expect(error.violations.map(({ path }) => path)).toEqual(["people[1].homeAddress.zip", "people[1].names[2]"]);
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
