import { describe, expect, test } from "vitest";
import { discrepancies, type Result } from "../src/report/result.js";

const expected = {
  quakes: 3,
  alerts: 1,
  perNetwork: new Map([
    ["ci", 2],
    ["us", 1],
  ]),
};
const right: Result = {
  published: 3,
  refused: [
    { path: "palce", rule: "unknown_field" },
    { path: "magnitude", rule: "type" },
    { path: "location.latitude", rule: "double.gte_lte" },
  ],
  processed: 3,
  alerts: 1,
  perNetwork: { ci: 2, us: 1 },
  maxConcurrent: 2,
  duplicates: 1,
  orderViolations: 0,
};

describe("discrepancies", () => {
  test("are none where everything adds up; a duplicate is allowed", () => {
    expect(discrepancies(right, expected)).toEqual([]);
  });

  test("name every number that the feed does not bear out", () => {
    const wrong = { ...right, published: 2, refused: [], processed: 1, alerts: 0, perNetwork: { ci: 1, xx: 1 }, orderViolations: 2 };
    expect(discrepancies(wrong, expected)).toEqual([
      "published: 2, but the feed says 3",
      "refused: 0, but there were 3 damaged copies",
      "processed: 1, but the feed says 3",
      "alerts: 0, but the feed says 1",
      "network ci: 1, but the feed says 2",
      "network us: 0, but the feed says 1",
      "network xx: 1, but the feed says 0",
      "order violations: 2",
    ]);
  });
});
