import { describe, expect, it } from "vitest";
import { Faults } from "./faults.js";
import { greaterThan } from "./numbers.js";
import { showDuration, showTimestamp } from "./times.js";

describe("showTimestamp", () => {
  it("is RFC 3339 with as many digits as there are", () => {
    expect([0n, 1_500_000_000n, -1n, 1_000_000_000_000_000_001n].map((nanos) => showTimestamp(nanos))).toEqual([
      "1970-01-01T00:00:00Z",
      "1970-01-01T00:00:01.5Z",
      "1969-12-31T23:59:59.999999999Z",
      "2001-09-09T01:46:40.000000001Z",
    ]);
  });
});

describe("showDuration", () => {
  it("is a number of seconds", () => {
    expect([0n, -1_500_000_000n, 5n].map((nanos) => showDuration(nanos))).toEqual(["0s", "-1.5s", "0.000000005s"]);
  });

  it("is how faults show bounds", () => {
    const faults = new Faults();
    greaterThan(faults, "span", 0n, "duration.gt", 1_000_000_000n, showDuration);
    expect(faults.violations()).toEqual([{ path: "span", rule: "duration.gt", message: "must be greater than 1s, is 0s" }]);
  });
});
