import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../ledger/ledger.js";
import { Credit, type CreditUse } from "./credit.js";

const limits = { maxUnsettled: 100, maxUnsettledBytes: 10_000, maxOffsetSpan: 500, maxWaitingPerKey: 40 };
const nothing: CreditUse = { unsettled: 1, unsettledBytes: 0, span: 0, waitingForKey: 0, isAtCeiling: false };

const useOf = ({ unsettled, unsettledBytes, span }: Ledger): CreditUse => ({ ...nothing, unsettled, unsettledBytes, span });

describe("Credit", () => {
  it("names the limit that a partition has reached", () => {
    const credit = new Credit(limits);
    expect(credit.holdsBack({ ...nothing, unsettled: 99, unsettledBytes: 9_999, span: 499 }, false)).toBeUndefined();
    expect(credit.holdsBack({ ...nothing, unsettled: 100, unsettledBytes: 0, span: 0 }, false)).toBe("maxUnsettled");
    expect(credit.holdsBack({ ...nothing, unsettled: 1, unsettledBytes: 10_000, span: 1 }, false)).toBe("maxUnsettledBytes");
    expect(credit.holdsBack({ ...nothing, unsettled: 1, unsettledBytes: 1, span: 500 }, false)).toBe("maxOffsetSpan");
    expect(credit.holdsBack({ ...nothing, waitingForKey: 39 }, false)).toBeUndefined();
    expect(credit.holdsBack({ ...nothing, waitingForKey: 40 }, false)).toBe("maxWaitingPerKey");
    expect(credit.holdsBack({ ...nothing, isAtCeiling: true }, false)).toBe("commitMetadata");
    expect(credit.holdsBack({ ...nothing, unsettled: 0, isAtCeiling: true }, true)).toBeUndefined();
  });

  it("deals the limits of the stream to its partitions, but not the span", () => {
    const credit = new Credit(limits);
    credit.setPartitions(4);
    expect(credit.holdsBack({ ...nothing, unsettled: 25, unsettledBytes: 0, span: 25 }, false)).toBe("maxUnsettled");
    expect(credit.holdsBack({ ...nothing, unsettled: 24, unsettledBytes: 2_500, span: 25 }, false)).toBe("maxUnsettledBytes");
    expect(credit.holdsBack({ ...nothing, unsettled: 24, unsettledBytes: 2_499, span: 499 }, false)).toBeUndefined();
  });

  it("resumes a paused partition only when there is room for more", () => {
    const credit = new Credit(limits);
    expect(credit.holdsBack({ ...nothing, unsettled: 75, unsettledBytes: 0, span: 75 }, true)).toBe("maxUnsettled");
    expect(credit.holdsBack({ ...nothing, unsettled: 74, unsettledBytes: 0, span: 375 }, true)).toBe("maxOffsetSpan");
    expect(credit.holdsBack({ ...nothing, unsettled: 74, unsettledBytes: 7_499, span: 374 }, true)).toBeUndefined();
  });

  it("never holds back a partition of which everything is settled, and bounds what is unsettled by the limit and one fetch", () => {
    const fetches = fc.array(fc.record({ size: fc.integer({ min: 1, max: 60 }), settled: fc.array(fc.nat(), { maxLength: 80, size: "max" }) }), {
      maxLength: 60,
      size: "max",
    });
    fc.assert(
      fc.property(fetches, fc.integer({ min: 1, max: 200 }), (turns, partitions) => {
        const credit = new Credit(limits);
        credit.setPartitions(partitions);
        const ledger = new Ledger(0);
        const open: number[] = [];
        let offset = 0;
        let paused = false;
        for (const { size, settled } of turns) {
          if (!paused) for (let i = 0; i < size; i++) open.push(ledger.receive(offset++, 10));
          paused = credit.holdsBack(useOf(ledger), paused) !== undefined;
          for (const pick of settled) {
            const [slot] = open.splice(pick % Math.max(1, open.length), 1);
            if (slot === undefined) break;
            ledger.settle(slot);
            paused = credit.holdsBack(useOf(ledger), paused) !== undefined;
          }
          expect(ledger.unsettled).toBeLessThan(Math.max(1, limits.maxUnsettled / partitions) + 60);
          if (open.length === 0) expect(paused).toBe(false);
        }
      }),
    );
  });
});
