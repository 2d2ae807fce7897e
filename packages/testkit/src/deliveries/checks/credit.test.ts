import { describe, expect, it } from "vitest";
import { assigned, at, crashed, fenced, received, settle } from "../../../test/histories.js";
import type { DeliveryEvent } from "../event.js";
import { findCreditViolations } from "./credit.js";

const bound = { maxUnsettled: 2, maxFetch: 2 };
const records = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => at(from + index, "a"));

describe("findCreditViolations", () => {
  it("names a member that has more than its credit and a fetch for each partition", () => {
    expect(findCreditViolations([assigned(), received(records(0, 2)), received(records(2, 4))], bound)).toEqual([]);
    expect(findCreditViolations([assigned(), received(records(0, 4)), received(records(4, 5))], bound)).toEqual([
      "credit: m1 had 5 records unsettled, at most 4 are allowed (2 and 2 for each of 1 partitions)",
    ]);
  });

  it("lets a partition have what it was given when it was alone", () => {
    const second = { assignment: 2 };
    const alone = [assigned(), received(records(0, 4))];
    expect(findCreditViolations([...alone, assigned(second), received(records(0, 3), second)], bound)).toEqual([]);
    expect(findCreditViolations([...alone, assigned(second), received(records(0, 4), second)], bound)).toHaveLength(1);
    expect(findCreditViolations([assigned(), assigned(second), received(records(0, 4)), received(records(0, 3), second)], bound)).toHaveLength(1);
  });

  it("counts neither what is settled, nor what came twice, nor what is gone", () => {
    expect(findCreditViolations([assigned(), received(records(0, 4)), settle(at(0, "a")), received(records(0, 5))], bound)).toEqual([]);
    const before = assigned({}, { offset: 0, metadata: `bus1r${Buffer.from([0, 1, 3]).toString("base64")}` });
    expect(findCreditViolations([before, received(records(0, 5))], bound)).toEqual([]);
    const later = { assignment: 2 };
    expect(
      findCreditViolations([assigned(), received(records(0, 4)), fenced("lost"), assigned(later), received(records(0, 4), later)], bound),
    ).toEqual([]);
    const closing = { ...fenced("closed"), kind: "closing" } as DeliveryEvent;
    expect(findCreditViolations([assigned(), closing, received(records(0, 9))], bound)).toEqual([]);
    expect(findCreditViolations([assigned(), received(records(0, 4)), crashed(), assigned(later), received(records(0, 4), later)], bound)).toEqual(
      [],
    );
  });
});
