import { describe, expect, it } from "vitest";
import { at, deleted, fail, handle, inStage, pass, published, received, settle, start } from "../../../test/histories.js";
import { findOrderViolations } from "./order.js";
import { units } from "./unit.js";

const [a0, b1, a2, b3] = [at(0, "a"), at(1, "b"), at(2, "a"), at(3, "b")];
const all = published(a0, b1, a2, b3);
const a2TooEarly = ['order: t[0]@2 (key "a") started before offset 0 of the same unit was settled'];

describe("findOrderViolations", () => {
  it("names a start before an earlier record of the key was settled", () => {
    expect(findOrderViolations([...all, ...handle(a2), ...handle(a0)])).toEqual(a2TooEarly);
    expect(findOrderViolations([...all, start(a0), fail(a0), start(a2)])).toEqual(a2TooEarly);
  });

  it("lets keys overtake each other, what has no key, and repetitions", () => {
    expect(findOrderViolations([...all, ...handle(b1), ...handle(b3), ...handle(a0), ...handle(a2), ...handle(a0), ...handle(a2)])).toEqual([]);
    expect(findOrderViolations([...published(at(0, null), at(1, null)), ...handle(at(1, null))])).toEqual([]);
    expect(findOrderViolations([...published(a0, at(9, "a", 1)), ...handle(at(9, "a", 1))])).toEqual([]);
  });

  it("does not mind when an acknowledgement is noted after the work, or never", () => {
    expect(findOrderViolations([...handle(a0), ...published(a0), ...handle(a2), ...published(a2)])).toEqual([]);
    expect(findOrderViolations([...handle(a2), ...published(a2, a0), ...handle(a0)])).toEqual(a2TooEarly);
    expect(findOrderViolations([received([a0, a2]), ...handle(a2)])).toEqual(a2TooEarly);
  });

  it("takes the partition for the unit where the stream does, and nothing where it keeps no order", () => {
    const events = [...all, ...handle(b1)];
    expect(findOrderViolations(events, units.partition)).toHaveLength(1);
    expect(findOrderViolations(events, units.none)).toEqual([]);
  });

  it("does not wait for what was deleted", () => {
    expect(findOrderViolations([...all, deleted(1), ...handle(a2)])).toEqual([]);
  });

  it("lets each stage of a pipe go on by itself, in its own order", () => {
    const first = inStage("first", start(a0), pass(a0), start(a2), pass(a2));
    expect(findOrderViolations([...all, ...first])).toEqual([]);
    expect(findOrderViolations([...all, ...first, ...inStage("second", start(a2))])).toEqual(a2TooEarly);
    // a dead letter of the first stage never reaches the second
    expect(findOrderViolations([...all, ...inStage("first", start(a0), fail(a0)), settle(a0), ...inStage("second", start(a2))])).toEqual([]);
  });
});
