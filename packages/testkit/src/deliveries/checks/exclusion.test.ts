import { describe, expect, it } from "vitest";
import { assigned, at, crashed, fail, fenced, inStage, pass, settle, start } from "../../../test/histories.js";
import { findExclusionViolations } from "./exclusion.js";
import { units } from "./unit.js";

const [a0, b1, a2] = [at(0, "a"), at(1, "b"), at(2, "a")];
const [first, second] = [
  { member: "m1", assignment: 1 },
  { member: "m2", assignment: 2 },
];

describe("findExclusionViolations", () => {
  it("names two of a key at once, over partitions", () => {
    expect(findExclusionViolations([start(a0), start(b1), start(a2)])).toEqual([
      'exclusion: t[0]@2 (key "a") started while t[0]@0 of the same unit was running',
    ]);
    expect(findExclusionViolations([start(a0), start(a0), settle(a0), start(at(5, "a", 1))])).toEqual([
      'exclusion: t[0]@0 (key "a") started while t[0]@0 of the same unit was running',
      'exclusion: t[1]@5 (key "a") started while t[0]@0 of the same unit was running',
    ]);
  });

  it("lets what has no key, and what has ended in any way, be", () => {
    expect(findExclusionViolations([start(at(0, null)), start(at(1, null)), start(a0), fail(a0), start(a0), settle(a0), start(a2)])).toEqual([]);
  });

  it("holds between members, but for work that outlasts its assignment", () => {
    expect(findExclusionViolations([assigned(), start(a0, first), start(a0, second)])).toHaveLength(1);
    expect(findExclusionViolations([assigned(), start(a0, first), fenced("lost"), start(a0, second)])).toEqual([]);
    expect(findExclusionViolations([assigned(), start(a0, first), assigned(second), start(a0, second)])).toEqual([]);
  });

  it("does not hold for a member that goes on although the group has given its partition to another", () => {
    const superseded = [assigned(), assigned(second), start(a0, second)];
    expect(findExclusionViolations([...superseded, start(a2, first)])).toEqual([]);
    expect(findExclusionViolations([...superseded, start(a2, second)])).toHaveLength(1);
  });

  it("holds within a member over assignments, until its process is gone", () => {
    const outlasting = [assigned(), start(a0, first), fenced("lost")];
    expect(findExclusionViolations([...outlasting, start(a0, { ...first, assignment: 3 })])).toHaveLength(1);
    expect(findExclusionViolations([...outlasting, crashed(), start(a0, { ...first, assignment: 3 })])).toEqual([]);
  });

  it("lets records of one call be worked on together, in their order", () => {
    const call = (record: typeof a0, number: number) => ({ ...start(record, first), call: number });
    expect(findExclusionViolations([call(a0, 1), call(a2, 1)])).toEqual([]);
    expect(findExclusionViolations([call(a0, 1), call(a2, 2)])).toHaveLength(1);
    expect(findExclusionViolations([call(a0, 1), call(a0, 1)])).toHaveLength(1);
  });

  it("is by stage, and by partition where the stream is", () => {
    expect(findExclusionViolations([...inStage("one", start(a0), pass(a0)), ...inStage("two", start(a0)), ...inStage("one", start(a2))])).toEqual([]);
    expect(findExclusionViolations([start(a0), start(b1)], units.partition)).toHaveLength(1);
  });
});
