import { describe, expect, it } from "vitest";
import { Gate, until } from "../testing/consume-setup.js";
import { createStageBench } from "../testing/stage-setup.js";
import { settle } from "./delivery/engine-delivery.js";
import { createBatchStage } from "./stage/create-batch-stage.js";
import { createStage } from "./stage/create-stage.js";

const options = { name: "test", concurrency: 8, order: "key" } as const;

describe("the ceiling of a partition", () => {
  it("keeps from starting what lies beyond it, with a key or without, and lets it go when it is lifted", async () => {
    const bench = createStageBench();
    const gate = new Gate<number>();
    const stage = createStage<number, void>(options, ({ value }) => gate.pass(value), settle);
    const keys = ["a", "b", "a", null, "b", null];
    bench.work.ceiling = 1;
    for (const [offset, key] of keys.entries()) stage.push(bench.delivery(key, offset));
    expect(gate.entered).toEqual([0, 1]);
    gate.open();
    await until(() => stage.inFlight === 0);
    expect([gate.entered, stage.waiting]).toEqual([[0, 1], 4]);
    bench.work.ceiling = 3;
    for (const attached of bench.stages) attached.reconsider();
    expect(gate.entered).toEqual([0, 1, 2, 3]);
    bench.work.ceiling = undefined;
    for (const attached of bench.stages) attached.reconsider();
    gate.open();
    await until(() => gate.entered.length === 6);
    gate.open();
    await until(() => bench.work.ledger.unsettled === 0);
  });

  it("lets go on what has begun in an earlier stage", async () => {
    const bench = createStageBench();
    const gate = new Gate<number>();
    const second = createStage<number, void>(options, ({ value }) => gate.pass(value), settle);
    const first = createStage<number, void>(
      options,
      () => Promise.resolve(),
      (delivery) => second.push(delivery),
    );
    first.push(bench.delivery("a", 0));
    bench.work.ceiling = -1;
    await until(() => gate.inside === 1);
    gate.open();
    await until(() => bench.work.ledger.unsettled === 0);
  });

  it("ends a batch", async () => {
    const bench = createStageBench();
    const calls: number[][] = [];
    const stage = createBatchStage<number, void>(
      { ...options, maxBatch: 10 },
      async (deliveries) => {
        calls.push(deliveries.map(({ value }) => value));
        return deliveries.map(() => ({ ok: true, value: undefined }));
      },
      settle,
    );
    bench.work.ceiling = 2;
    for (let value = 0; value < 5; value++) stage.push(bench.delivery("a", value));
    await until(() => bench.work.ledger.unsettled === 2);
    bench.work.ceiling = undefined;
    for (const attached of bench.stages) attached.reconsider();
    await until(() => bench.work.ledger.unsettled === 0);
    expect(calls).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
  });
});
