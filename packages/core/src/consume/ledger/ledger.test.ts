import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CompletedOffsets } from "./completed-offsets.js";
import { Ledger } from "./ledger.js";

/** What a ledger means, as plainly as it can be said. */
class LedgerModel {
  readonly received: { readonly offset: number; readonly bytes: number; settled: boolean }[] = [];

  constructor(
    private readonly start: number,
    readonly completed: ReadonlySet<number>,
  ) {}

  get next() {
    const last = this.received.at(-1);
    return last === undefined ? this.start : last.offset + 1;
  }
  get pending() {
    return this.received.filter((record) => !record.settled);
  }
  get frontier() {
    return this.pending[0]?.offset ?? this.next;
  }
  /** An offset that was not received counts as the received one before it. */
  isSettled(offset: number) {
    if (offset >= this.next) return this.completed.has(offset);
    return this.received.findLast((record) => record.offset <= offset)?.settled ?? false;
  }
}

/** Where what is settled begins and ends, again and again. */
function boundsOf(from: number, end: number, isSettled: (offset: number) => boolean): number[] {
  const bounds: number[] = [];
  for (let offset = from; offset <= end; offset++) {
    const now = offset < end && isSettled(offset);
    if (now !== (bounds.length % 2 === 1)) bounds.push(offset);
  }
  return bounds;
}

type Step = { readonly receive: number; readonly bytes: number } | { readonly settle: number };

const steps = fc.array(
  fc.oneof(
    // mostly the next offset, sometimes a gap, sometimes one that was there before
    fc.record({ receive: fc.integer({ min: -2, max: 5 }), bytes: fc.nat(1_000) }),
    fc.record({ settle: fc.nat() }),
  ),
  { maxLength: 400, size: "max" },
);

describe("Ledger", () => {
  it("does what the model does", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.uniqueArray(fc.nat(300), { maxLength: 100, size: "max" }), steps, (start, distances, run: readonly Step[]) => {
        const completed = new Set(distances.map((distance) => start + distance));
        const ledger = new Ledger(start, new CompletedOffsets(boundsOf(start, start + 301, (offset) => completed.has(offset))));
        const model = new LedgerModel(start, completed);
        for (const step of run) {
          if ("receive" in step) {
            const offset = Math.max(0, model.next + step.receive);
            const slot = ledger.receive(offset, step.bytes);
            if (offset < model.next) expect(slot).toBe(-1);
            else expect(slot).toBe(model.received.push({ offset, bytes: step.bytes, settled: completed.has(offset) }) - 1);
          } else if (model.received.length > 0) {
            const slot = step.settle % model.received.length;
            const record = model.received[slot];
            expect(ledger.isSettled(slot)).toBe(record?.settled);
            expect(ledger.settle(slot)).toBe(record?.settled === false);
            if (record !== undefined) record.settled = true;
          }
          const { frontier, span, unsettled, unsettledBytes, headSlot } = ledger;
          const head = model.received.findIndex((record) => !record.settled);
          expect([frontier, span, unsettled, unsettledBytes, headSlot]).toEqual([
            model.frontier,
            model.next - model.frontier,
            model.pending.length,
            model.pending.reduce((sum, { bytes }) => sum + bytes, 0),
            head === -1 ? undefined : head,
          ]);
          if ("settle" in step && step.settle % 7 === 0) {
            const end = Math.max(model.next, start + 301);
            expect(ledger.settledBounds()).toEqual(boundsOf(frontier, end, (offset) => model.isSettled(offset)));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("holds more than it has room for at first", () => {
    const ledger = new Ledger(10);
    const slots = Array.from({ length: 1_000 }, (_, index) => ledger.receive(10 + index * 2, 1));
    for (const slot of slots.slice(1).toReversed()) ledger.settle(slot);
    expect(ledger.frontier).toBe(10);
    expect(ledger.span).toBe(1_999);
    ledger.settle(0);
    expect(ledger.frontier).toBe(2_009);
    expect(ledger.unsettled).toBe(0);
  });
});
