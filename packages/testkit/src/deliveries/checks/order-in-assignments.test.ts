import { describe, expect, it } from "vitest";
import { assigned, at, fenced, handle, published, received, settle, start } from "../../../test/histories.js";
import { findOrderViolations } from "./order.js";
import { findOrderViolationsInAssignments } from "./order-in-assignments.js";
import { units } from "./unit.js";

const [a0, b1, a2, b3] = [at(0, "a"), at(1, "b"), at(2, "a"), at(3, "b")];
const all = published(a0, b1, a2, b3);

describe("findOrderViolationsInAssignments", () => {
  const second = { member: "m2", assignment: 2 };
  const handedOver = [...all, assigned(), received([a0, b1, a2, b3])];
  const handledOnce = [...handedOver, ...[a0, b1, a2, b3].flatMap((record) => handle(record, { assignment: 1 })), fenced("lost")];

  it("names a start before what the same assignment had received, although another had settled that", () => {
    const events = [...handledOnce, assigned(second), received([a0, b1, a2], second), start(a2, second)];
    expect(findOrderViolations(events)).toEqual([]);
    expect(findOrderViolationsInAssignments(events)).toEqual([
      'order: t[0]@2 (key "a") started before offset 0 of the same unit, received in the same assignment, was settled',
    ]);
  });

  it("is content when each sees its own through, records that were handed over twice included", () => {
    const events = [
      ...handledOnce,
      assigned(second),
      received([a0, a2], second),
      ...handle(a0, second),
      received([a0, a2], second),
      ...handle(a2, second),
    ];
    expect(findOrderViolationsInAssignments(events)).toEqual([]);
  });

  it("does not wait for what the group had written down as completed, nor for a dead letter", () => {
    const again = [...handledOnce, assigned(second, { offset: 0, metadata: "0" }), received([a0, b1, a2], second), start(a2, second)];
    expect(findOrderViolationsInAssignments(again, units.key, ({ metadata }) => new Set([Number(metadata)]))).toEqual([]);
    expect(findOrderViolationsInAssignments([...handedOver, settle(a0), start(a2, { assignment: 1 })])).toEqual([]);
  });
});
