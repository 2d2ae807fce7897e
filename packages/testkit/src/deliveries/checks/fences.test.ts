import { describe, expect, it } from "vitest";
import { assigned, at, commit, crashed, fail, fenced, handle, inStage, pass, received, revoking, start } from "../../../test/histories.js";
import type { DeliveryEvent } from "../event.js";
import { findFenceViolations } from "./fences.js";

const [a0, b1, a2] = [at(0, "a"), at(1, "b"), at(2, "a")];
const by = { member: "m1", assignment: 1 };
const running = [assigned(), received([a0, b1, a2]), ...handle(a0, by), start(b1, by)];

describe("findFenceViolations", () => {
  it("names records, starts and commits after the end of an assignment", () => {
    expect(findFenceViolations([...running, fenced("lost"), received([at(3, "b")]), start(a2, by), commit(2, by)])).toEqual([
      "fence: records of t[0] were handed over by m1 in assignment 1, which had ended",
      'fence: t[0]@2 (key "a") was started by m1 in assignment 1, which had ended',
      "fence: t[0] was committed at 2 by m1 in assignment 1, which had ended",
    ]);
  });

  it("names what begins while the partition is being given up", () => {
    expect(findFenceViolations([...running, revoking(), start(a2, by)])).toEqual([
      'fence: t[0]@2 (key "a") was started by m1 in assignment 1, which had ended',
    ]);
    expect(findFenceViolations([...running, revoking(), received([at(3, "b")])])).toHaveLength(1);
  });

  it("names what begins while the stream is being closed; its transport may not know yet", () => {
    const closing = { ...revoking(), kind: "closing" } as DeliveryEvent;
    expect(findFenceViolations([...running, closing, received([at(3, "b")]), start(a2, by)])).toEqual([
      'fence: t[0]@2 (key "a") was started by m1 in assignment 1, which had ended',
    ]);
  });

  it("lets work that had begun go on meanwhile, and be committed", () => {
    const next = inStage("next", start(b1, by));
    expect(findFenceViolations([...running, revoking(), pass(b1, by), ...next, commit(1, by), fenced("revoked"), fail(b1, by)])).toEqual([]);
  });

  it("names what a process does after it has crashed", () => {
    expect(findFenceViolations([...running, crashed(), commit(1, by)])).toEqual(["fence: t[0] was committed at 1 by m1, which had crashed"]);
  });

  it("does not mix assignments up", () => {
    const later = { member: "m1", assignment: 2 };
    expect(findFenceViolations([...running, fenced("lost"), assigned(later), received([a0], later), start(a0, later), commit(1, later)])).toEqual([]);
  });
});
