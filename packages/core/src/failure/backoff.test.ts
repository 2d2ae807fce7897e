import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff.js";

const backoff = { initialBackoffMs: 100, maxBackoffMs: 1_000, jitter: 0.2 };

describe("backoffMs", () => {
  it("doubles up to the maximum", () => {
    expect([1, 2, 3, 4, 5, 10_000].map((failures) => backoffMs(backoff, failures, () => 0))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it("takes off the random part", () => {
    expect(backoffMs(backoff, 1, () => 0.5)).toBe(90);
    expect(backoffMs({ ...backoff, jitter: 1 }, 5, () => 0.999)).toBeCloseTo(1);
    expect(backoffMs({ ...backoff, initialBackoffMs: 0 }, 5, () => 0)).toBe(0);
  });
});
