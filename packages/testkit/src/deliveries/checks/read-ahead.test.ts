import { describe, expect, it } from "vitest";
import { assigned, at, crashed, fenced, received, settle, start } from "../../../test/histories.js";
import type { DeliveryEvent } from "../event.js";
import { findReadAheadViolations } from "./read-ahead.js";
import { units } from "./unit.js";

const records = (from: number, to: number, key: string | null = "a") => Array.from({ length: to - from }, (_, index) => at(from + index, key));
const within = { member: "m1", assignment: 1 };
const find = (events: readonly DeliveryEvent[], maxOffsetSpan: number, maxWaitingPerUnit?: number) =>
  findReadAheadViolations(events, { maxOffsetSpan, maxWaitingPerUnit }, units.key);

describe("findReadAheadViolations", () => {
  it("names a fetch that was taken in while the offsets spanned too many, whatever is settled in between", () => {
    const events = [assigned(), received(records(0, 5)), settle(at(1, "a")), settle(at(2, "a")), received(records(5, 6))];
    expect(find(events, 6)).toEqual([]);
    expect(find(events, 5)).toEqual(["credit: m1 was handed t[0]@5 while its offsets spanned 5, at most 5 are allowed"]);
    expect(find([...events.slice(0, 3), settle(at(0, "a")), received(records(5, 6))], 5)).toEqual([]);
  });

  it("names a fetch that was taken in while too many waited for one key", () => {
    const events = [assigned(), received([...records(0, 3), at(3, "b"), at(4, null)]), start(at(0, "a"), within), received(records(5, 6))];
    expect(find(events, 100, 3)).toEqual([]);
    expect(find(events, 100, 2)).toEqual(['credit: m1 was handed t[0]@5 while 2 records waited as t[0]@1 (key "a") did, at most 2 may']);
    expect(find(events, 100)).toEqual([]);
  });

  it("counts neither what came twice, nor what was settled before, nor what is gone", () => {
    expect(find([assigned(), received(records(0, 5)), received(records(0, 5))], 5, 1)).toEqual([]);
    const before = assigned({}, { offset: 0, metadata: `bus1r${Buffer.from([0, 1, 3]).toString("base64")}` });
    expect(find([before, received(records(0, 1)), received(records(1, 2))], 1)).toEqual([]);
    const closing = { ...fenced("closed"), kind: "closing" } as DeliveryEvent;
    for (const end of [fenced("lost"), crashed(), closing])
      expect(find([assigned(), received(records(0, 5)), end, received(records(5, 6))], 1)).toEqual([]);
  });
});
