import { describe, expect, it } from "vitest";
import { encodeCompletedMap } from "../ledger/completed-map.js";
import { PartitionWork } from "./partition-work.js";

function partitionWork() {
  let settled = 0;
  const assigned = { topic: "t", partition: 0, epoch: 1, position: 5, committed: undefined, logStart: 0, logEnd: 9 };
  const work = new PartitionWork(assigned, () => {
    settled++;
  });
  return { work, settledCount: () => settled };
}

describe("PartitionWork", () => {
  it("takes what its committed offset says is settled, also where the log has lost that offset, but not where it ends before", () => {
    const metadata = encodeCompletedMap(5, [6, 8]) ?? "";
    const settledAt = (position: number) => {
      const assigned = { topic: "t", partition: 0, epoch: 1, position, committed: { offset: 5, metadata }, logStart: 0, logEnd: 9 };
      const work = new PartitionWork(assigned, () => {});
      expect(work.hasForeignMetadata).toBe(false);
      const slots = [5, 6, 7, 8].filter((offset) => offset >= position).map((offset) => work.ledger.receive(offset, 1));
      return slots.map((slot) => work.ledger.isSettled(slot));
    };
    expect(settledAt(5)).toEqual([false, true, true, false]);
    expect(settledAt(7)).toEqual([true, false]);
    expect(settledAt(3)).toEqual([false, false, false, false]);
  });

  it("settles nothing once it is fenced", () => {
    const { work, settledCount } = partitionWork();
    const [first, second] = [work.ledger.receive(5, 1), work.ledger.receive(6, 1)];
    work.settle(first ?? -1);
    work.settle(first ?? -1);
    work.fence();
    work.settle(second ?? -1);
    expect(work.ledger.frontier).toBe(6);
    expect(settledCount()).toBe(1);
  });

  it("is drained when nothing is left that has begun, or when it is fenced", async () => {
    const { work } = partitionWork();
    work.begin();
    work.begin();
    const seen: string[] = [];
    void work.drain().then(() => seen.push("drained"));
    work.end();
    await Promise.resolve();
    expect(seen).toEqual([]);
    expect(work.state).toBe("draining");
    work.end();
    await work.drain();
    expect(seen).toEqual(["drained"]);

    const other = partitionWork().work;
    other.begin();
    const drained = other.drain();
    other.fence();
    await drained;
    expect(other.inFlight).toBe(1);
  });

  it("fires the signals that are open when it is fenced, and later ones at once", () => {
    const { work } = partitionWork();
    const [open, closed] = [work.openAbort(), work.openAbort()];
    work.closeAbort(closed);
    work.fence();
    expect([open.signal.aborted, closed.signal.aborted, work.openAbort().signal.aborted]).toEqual([true, false, true]);
  });
});
