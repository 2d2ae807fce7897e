import { ROOT_CONTEXT } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { SplitLog } from "./split-log.js";

const record = (value: number) => ({ value, id: String(value), key: null, timestamp: undefined, headers: {}, context: ROOT_CONTEXT });
const batch = (count: number, position?: number) => ({
  records: Array.from({ length: count }, (_, index) => record(index)),
  ...(position === undefined ? {} : { position }),
});

describe("SplitLog", () => {
  it("is cut behind batches only, and goes on where the last of them with a position says", () => {
    const log = new SplitLog("c", { position: 10, offset: 100 });
    expect([...log.append(batch(3, 11), 0), ...log.append(batch(2), 0), ...log.append(batch(4, 13), 0)].map(({ offset }) => offset)).toEqual([
      100, 101, 102, 103, 104, 105, 106, 107, 108,
    ]);
    expect([100, 102, 103, 104, 105, 108, 109].map((frontier) => log.at(frontier))).toEqual([100, 100, 103, 103, 105, 105, 109]);
    expect([100, 103, 105, 109].map((cut) => log.positionAt(cut))).toEqual([
      { position: 10, offset: 100 },
      { position: 11, offset: 103 },
      { position: 11, offset: 105 },
      { position: 13, offset: 109 },
    ]);
    expect(log.take(105).length).toBe(2);
    expect([log.at(108), log.isDone, log.positionAt(105)]).toEqual([105, false, { position: 11, offset: 105 }]);
  });

  it("moves on with an empty batch when all before it is committed", () => {
    const log = new SplitLog("c", undefined);
    log.append(batch(2, 1), 0);
    log.append(batch(0, 2), 0);
    expect(log.takeEmpty()).toEqual([]);
    expect([log.at(2), log.take(2).length, log.isDone]).toEqual([2, 2, true]);
    log.append(batch(0, 3), 0);
    expect(log.positionAt(2)).toEqual({ position: 3, offset: 2 });
    expect(log.takeEmpty().length).toBe(1);
  });
});
