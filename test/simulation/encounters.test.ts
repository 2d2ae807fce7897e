import { describe, expect, it } from "vitest";
import { assigned, at, crashed, fail, fenced, handle, revoking, start } from "../../packages/testkit/test/histories.js";
import { countEncounters, noEncounters, unmet } from "./encounters.js";

const within = { member: "m1", assignment: 1 };

describe("countEncounters", () => {
  it("counts a partition that moves, and a try after one that failed", () => {
    const record = at(0, "a");
    const events = [assigned(), start(record, within), fail(record, within), start(record, within)];
    expect(countEncounters(events)).toEqual({ ...noEncounters(), failures: 1, retries: 1 });
    const other = { member: "m2", assignment: 2 };
    expect(countEncounters([assigned(), start(record, within), crashed(), assigned(other), ...handle(record, other)])).toEqual({
      ...noEncounters(),
      crashes: 1,
      moves: 1,
    });
  });

  it("counts what is lost and what is drained only where work was met", () => {
    const idle = [assigned(), revoking(), fenced("revoked"), assigned({ assignment: 2 }), fenced("lost", { assignment: 2 })];
    expect(countEncounters(idle)).toEqual(noEncounters());
    expect(countEncounters([assigned(), start(at(0, "a"), within), fenced("lost")])).toMatchObject({ losses: 1 });
  });
});

describe("unmet", () => {
  const met = noEncounters();
  for (const name of Object.keys(met) as (keyof typeof met)[]) met[name] = 1;

  it("names what was never met in a hundred seeds and more", () => {
    expect(unmet({ ...met, losses: 0, moves: 0 }, 100)).toEqual(["losses", "moves"]);
    expect(unmet(met, 100)).toEqual([]);
    expect(unmet(noEncounters(), 99)).toEqual([]);
  });
});
