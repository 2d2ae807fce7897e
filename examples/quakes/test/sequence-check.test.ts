import { describe, expect, test } from "vitest";
import { SequenceCheck } from "../src/watch/sequence-check.js";

describe("SequenceCheck", () => {
  test("finds nothing where each key is in order, however the keys mix", () => {
    const check = new SequenceCheck(["a1", "b1", "a2", "b2"]);
    expect(check.see("b1", "b")).toBe(true);
    expect(check.see("b2", "b")).toBe(true);
    expect(check.see("a1", "a")).toBe(true);
    expect(check.see("a2", "a")).toBe(true);
    expect(check).toMatchObject({ seen: 4, duplicates: 0, violations: 0 });
  });

  test("counts what comes after a later one of its key", () => {
    const check = new SequenceCheck(["a1", "a2", "a3"]);
    for (const id of ["a1", "a3", "a2"]) check.see(id, "a");
    expect(check).toMatchObject({ seen: 3, duplicates: 0, violations: 1 });
  });

  test("counts what comes again as a duplicate, not as out of order", () => {
    const check = new SequenceCheck(["a1", "a2"]);
    for (const id of ["a1", "a2"]) check.see(id, "a");
    expect(check.see("a1", "a")).toBe(false);
    expect(check).toMatchObject({ seen: 2, duplicates: 1, violations: 0 });
  });

  test("counts what was never published as out of order", () => {
    const check = new SequenceCheck(["a1"]);
    check.see("a0", "a");
    expect(check).toMatchObject({ violations: 1 });
  });
});
