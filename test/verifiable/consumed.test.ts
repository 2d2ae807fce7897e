import { describe, expect, it } from "vitest";
import { Consumed } from "./consumed.js";

const partition = { topic: "t", partition: 0 };

function received(...offsets: number[]): Consumed {
  const consumed = new Consumed();
  consumed.assigned([partition]);
  consumed.received(partition, offsets);
  return consumed;
}

describe("Consumed", () => {
  it("tells ranges in the order of the offsets, up to the first record that is not handled, once", () => {
    const consumed = received(3, 4, 6, 7);
    for (const offset of [4, 3, 7]) consumed.handled("t", 0, offset);
    expect(consumed.take()).toEqual([{ ...partition, count: 2, minOffset: 3, maxOffset: 4 }]);
    expect(consumed.take()).toEqual([]);
    consumed.handled("t", 0, 6);
    expect(consumed.take()).toEqual([{ ...partition, count: 2, minOffset: 6, maxOffset: 7 }]);
  });

  it("counts what a commit passes as told by this member, also when no handler of it took the record", () => {
    const consumed = received(0, 1, 2);
    consumed.handled("t", 0, 1);
    consumed.settled(partition, 2);
    expect(consumed.take()).toEqual([{ ...partition, count: 2, minOffset: 0, maxOffset: 1 }]);
  });

  it("forgets a partition that is gone", () => {
    const consumed = received(0);
    consumed.gone([partition]);
    consumed.handled("t", 0, 0);
    expect(consumed.take()).toEqual([]);
  });

  it("keeps its place over many records", () => {
    const offsets = Array.from({ length: 5_000 }, (_, offset) => offset);
    const consumed = received(...offsets);
    const told = offsets.map((offset) => {
      consumed.handled("t", 0, offset);
      return consumed.take();
    });
    expect(told).toEqual(offsets.map((offset) => [{ ...partition, count: 1, minOffset: offset, maxOffset: offset }]));
  });
});
