import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { PartitionLog } from "./partition-log.js";

const outgoing = (timestamp = 0) => ({ topic: "t", partition: 0, key: null, value: new Uint8Array([timestamp]), headers: {}, timestamp });

type Step = { readonly append: number } | { readonly deleteBefore: number } | { readonly skip: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ append: fc.nat(20) }) },
  fc.record({ deleteBefore: fc.nat(60) }),
  fc.record({ skip: fc.nat(5) }),
);

describe("PartitionLog", () => {
  it("reads as an array of records would", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), fc.integer({ min: 1, max: 9 }), fc.nat(20), (steps, from, limit, timestamp) => {
        const log = new PartitionLog("t", 0);
        let model: { offset: number; timestamp: number }[] = [];
        let [start, end] = [0, 0];
        for (const each of steps) {
          if ("append" in each) {
            expect(log.append(outgoing(each.append))).toBe(end);
            model.push({ offset: end++, timestamp: each.append });
          } else if ("skip" in each) {
            log.skipOffsets(each.skip);
            end += each.skip;
          } else {
            log.deleteBefore(each.deleteBefore);
            start = Math.max(start, Math.min(each.deleteBefore, end));
            model = model.filter(({ offset }) => offset >= start);
          }
        }
        expect([log.logStart, log.logEnd]).toEqual([start, end]);
        const expected = model.filter(({ offset }) => offset >= from).slice(0, limit);
        expect(log.read(from, limit).map((record) => ({ offset: record.offset, timestamp: record.timestamp }))).toEqual(expected);
        expect(log.offsetAt(timestamp)).toBe(model.find((record) => record.timestamp >= timestamp)?.offset);
      }),
    );
  });

  it("wakes who watches, until they stop", () => {
    const log = new PartitionLog("t", 0);
    const wake = vi.fn();
    const stop = log.watch(wake);
    log.append(outgoing());
    log.skipOffsets(1);
    log.deleteBefore(1);
    stop();
    log.append(outgoing());
    expect(wake).toHaveBeenCalledTimes(3);
  });
});
