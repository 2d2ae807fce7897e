import { BusError, type IncomingRecord } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { faultsOf, type ListenerEvent } from "./history.js";

const assigned = (epoch: number, position = 0) => ({ topic: "t", partition: 0, epoch, position, committed: undefined, logStart: 0, logEnd: 9 });
const owned = (epoch: number) => ({ topic: "t", partition: 0, epoch });
const take = (epoch: number, position = 0): ListenerEvent[] => [
  { kind: "assigned", partitions: [assigned(epoch, position)] },
  { kind: "ready", partitions: [assigned(epoch, position)] },
];
const give = (epoch: number): ListenerEvent => ({ kind: "revoked", partitions: [owned(epoch)] });
const record = (offset: number): IncomingRecord => ({ topic: "t", partition: 0, offset, key: null, value: null, headers: {}, timestamp: 0 });
const records = (epoch: number, ...offsets: number[]): ListenerEvent => ({
  kind: "records",
  batch: { ...owned(epoch), records: offsets.map(record), logEnd: 9 },
});

describe("faultsOf", () => {
  it("finds nothing in a history that keeps the contract", () => {
    const lost: ListenerEvent = { kind: "lost", partitions: [owned(2)] };
    expect(
      faultsOf([...take(1), records(1, 0, 1), records(1, 2), give(1), ...take(2, 1), records(2, 1), lost, ...take(5), { kind: "closed" }]),
    ).toEqual([]);
  });

  it.each<[string, ListenerEvent[], string]>([
    ["an epoch that does not grow", [...take(2), give(2), ...take(2)], "assigned came with epoch 2 after epoch 2"],
    ["an assignment over another", [...take(1), ...take(2)], "t[0] was assigned in epoch 2 while epoch 1 had not ended"],
    ["records before ready", [...take(1).slice(0, 1), records(1, 0)], "records of t[0] in epoch 1 came before assigned had resolved"],
    ["records after revoked", [...take(1), give(1), records(1, 0)], "records of t[0] in epoch 1 came, which the consumer did not own"],
    ["a gap", [...take(1), records(1, 0, 2)], "offset 2 of t[0] in epoch 1 came where 1 was next"],
    ["a repetition", [...take(1), records(1, 0), records(1, 0)], "offset 0 of t[0] in epoch 1 came where 1 was next"],
    ["another start than the position", [...take(1, 3), records(1, 0)], "offset 0 of t[0] in epoch 1 came where 3 was next"],
    ["an assignment of nothing", [{ kind: "assigned", partitions: [] }], "assigned came with no partition"],
    ["an empty batch", [...take(1), records(1)], "an empty batch of t[0] in epoch 1 came"],
    ["a record beyond the log", [...take(1, 9), records(1, 9)], "a batch of t[0] in epoch 1 ends at 10, beyond its logEnd 9"],
    ["a revocation of what is not owned", [give(1)], "revoked named t[0] in epoch 1, which the consumer did not own"],
    ["a call after close", [...take(1), { kind: "closed" }, give(1)], "revoked was called after the consumer had closed"],
    [
      "a call after stopped",
      [...take(1), { kind: "stopped", error: new BusError("transport_failed", "x") }, records(1, 0)],
      "records was called after the consumer had stopped",
    ],
  ])("names %s", (_what, history, fault) => {
    expect(faultsOf(history)).toEqual([fault]);
  });
});
