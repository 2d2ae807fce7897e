import { describe, expect, it } from "vitest";
import {
  acknowledged,
  assigned,
  at,
  commit,
  committed,
  crashed,
  fail,
  fenced,
  handle,
  inStage,
  pass,
  received,
  revoking,
  settle,
  start,
} from "../../../test/histories.js";
import type { DeliveryEvent, FenceReason } from "../event.js";
import { findNeedlessRepeats } from "./repeats.js";

const [a0, b1, a2] = [at(0, "a"), at(1, "b"), at(2, "a")];
const [first, second] = [
  { member: "m1", assignment: 1 },
  { member: "m2", assignment: 2 },
];
const begun = [assigned(), received([a0, b1, a2])];
const taken = (...records: (typeof a0)[]): DeliveryEvent[] => [
  assigned(second),
  received(records, second),
  ...records.map((record) => start(record, second)),
];
const listed = ({ metadata }: { readonly metadata: string }) => new Set(metadata === "" ? [] : metadata.split(",").map(Number));

describe("findNeedlessRepeats", () => {
  it("names what was committed before the assignment that starts it", () => {
    const events = [...begun, ...handle(a0, first), ...committed(1, first), crashed(), ...taken(a0, b1)];
    expect(findNeedlessRepeats(events)).toEqual([
      'repeat: t[0]@0 (key "a") was started although a commit acknowledged before the assignment covers it',
    ]);
  });

  it("names what the metadata of such a commit said was settled", () => {
    const events = [...begun, ...handle(b1, first), ...committed(0, { ...first, metadata: "1" }), crashed(), ...taken(a0, b1)];
    expect(findNeedlessRepeats(events)).toEqual([]);
    expect(findNeedlessRepeats(events, { completed: listed })).toHaveLength(1);
  });

  it.each<FenceReason>(["revoked", "closed"])("names what was settled before the assignment was %s", (reason) => {
    const events = [...begun, ...handle(a0, first), revoking(), fenced(reason), ...taken(a0)];
    expect(findNeedlessRepeats(events)).toEqual(['repeat: t[0]@0 (key "a") was started again although it was settled before an orderly handover']);
  });

  it.each<[string, DeliveryEvent[]]>([
    ["a crash", [...handle(a0, first), crashed()]],
    ["a loss", [...handle(a0, first), fenced("lost")]],
    ["a drain that ran out of time", [start(a0, first), revoking(), fenced("revoked"), settle(a0, first)]],
    [
      "work that ends behind the last commit of such a drain",
      [start(a0, first), revoking(), commit(0, first), settle(a0, first), acknowledged(0, first), fenced("revoked")],
    ],
    ["a last commit without an answer", [...handle(a0, first), revoking(), commit(1, first), fenced("revoked")]],
  ])("allows it after %s", (_, events) => {
    expect(findNeedlessRepeats([...begun, ...events, ...taken(a0)])).toEqual([]);
  });

  it("allows it after a revocation that nothing waits for, and not after a close", () => {
    const events = (reason: FenceReason) => [...begun, ...handle(a0, first), fenced(reason), ...taken(a0)];
    expect(findNeedlessRepeats(events("revoked"), { awaited: false })).toEqual([]);
    expect(findNeedlessRepeats(events("closed"), { awaited: false })).toHaveLength(1);
  });

  it("allows work of an older assignment to go on", () => {
    const events = [
      ...begun,
      ...inStage("one", start(a0, first), pass(a0, first)),
      assigned(second),
      ...handle(a0, second),
      fenced("closed", second),
    ];
    expect(findNeedlessRepeats([...events, ...handle(a0, first)])).toEqual([]);
  });

  it("allows it where the log ends before the committed offset, and not where it has only lost what lies before", () => {
    const settled = [...begun, ...handle(a0, first), ...handle(a2, first), ...committed(1, { ...first, metadata: "2" }), fenced("closed")];
    const beginsAt = (position: number) => ({ ...assigned(second, { offset: 1, metadata: "2" }), position }) as DeliveryEvent;
    expect(findNeedlessRepeats([...settled, beginsAt(0), start(a2, second)], { completed: listed })).toEqual([]);
    expect(findNeedlessRepeats([...settled, beginsAt(2), start(a2, second)], { completed: listed })).toHaveLength(1);
  });

  it("names a second start within an assignment, unless the first has failed", () => {
    expect(findNeedlessRepeats([...begun, ...handle(a0, first), start(a0, first)])).toEqual([
      'repeat: t[0]@0 (key "a") was started a second time in assignment 1',
    ]);
    expect(findNeedlessRepeats([...begun, start(a0, first), start(a0, first)])).toHaveLength(1);
    expect(findNeedlessRepeats([...begun, start(a0, first), fail(a0, first), start(a0, first)])).toEqual([]);
  });
});
