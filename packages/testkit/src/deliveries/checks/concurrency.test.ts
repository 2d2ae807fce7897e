import { describe, expect, it } from "vitest";
import { at, crashed, fail, fenced, handle, inStage, settle, start } from "../../../test/histories.js";
import type { DeliveryEvent } from "../event.js";
import { maxConcurrent } from "./concurrency.js";

const [a0, b1, a2, b3] = [at(0, "a"), at(1, "b"), at(2, "a"), at(3, "b")];
const [first, second] = [
  { member: "m1", assignment: 1 },
  { member: "m2", assignment: 2 },
];

describe("maxConcurrent", () => {
  it("is the most that ran at once", () => {
    expect(maxConcurrent([...handle(b3), start(b1), start(a2), settle(b1), start(b3), fail(b3)])).toBe(2);
  });

  it("is by member and stage, and takes a dead letter for no work that ends", () => {
    expect(maxConcurrent([start(a0, first), start(b1, first), settle(a2), start(a0, second), ...inStage("next", start(b3, first))])).toBe(2);
  });

  it("counts a call once, however many records it takes", () => {
    expect(
      maxConcurrent([
        { ...start(a0), call: 1 },
        { ...start(a2), call: 1 },
        { ...start(b1), call: 2 },
      ] as DeliveryEvent[]),
    ).toBe(2);
  });

  it("leaves out what outlasts its assignment or its process", () => {
    expect(maxConcurrent([start(a0, first), fenced("lost"), start(b1, first)])).toBe(1);
    expect(maxConcurrent([start(a0, first), crashed(), start(b1, first)])).toBe(1);
    const closing = { ...fenced("closed"), kind: "closing" } as DeliveryEvent;
    expect(maxConcurrent([start(a0, first), closing, start(b1, { ...first, assignment: 3 })])).toBe(1);
  });
});
