import { describe, expect, it } from "vitest";
import { Gate, until } from "../testing/consume-setup.js";
import { createStageBench } from "../testing/stage-setup.js";
import { derive, settle } from "./delivery/engine-delivery.js";
import { createBatchStage } from "./stage/create-batch-stage.js";
import { createStage } from "./stage/create-stage.js";

const options = { name: "test", concurrency: 4, order: "key" } as const;

describe("a delivery that was given up", () => {
  it("lets none after it begin anything, not even one that had begun: they come again, in order", async () => {
    const bench = createStageBench(2, 60_000);
    const called: string[] = [];
    const gate = new Gate<string>();
    const second = createStage<string, string>(
      options,
      async ({ value }) => {
        called.push(value);
        await gate.pass(value);
        throw new Error("no luck");
      },
      settle,
    );
    const first = createStage<string, string>(
      options,
      async ({ value }) => value,
      (delivery, value) => second.push(derive(delivery, value)),
    );
    first.push(bench.delivery("k", "a"));
    first.push(bench.delivery("k", "b"));
    first.push(bench.delivery("k", "c"));
    await until(() => gate.inside === 1 && second.waiting === 2);
    const drained = bench.work.drain();
    for (const stage of bench.stages) stage.purge();
    gate.open();
    await drained;
    expect(called).toEqual(["a"]);
    expect(bench.work.inFlight).toBe(0);
    expect(bench.work.ledger.unsettled).toBe(3);
  });

  it("ends a batch of its key: what has not been tried is not tried any more", async () => {
    const bench = createStageBench(2, 60_000);
    const calls: string[] = [];
    const stage = createBatchStage<string, string>(
      { ...options, maxBatch: 10 },
      async (deliveries) => {
        calls.push(deliveries.map(({ value }) => value).join(""));
        throw new Error("no luck");
      },
      settle,
    );
    for (const value of ["a", "b", "c"]) stage.push(bench.delivery("k", value));
    await until(() => calls.length === 2);
    bench.work.fence();
    for (const attached of bench.stages) attached.purge();
    await until(() => stage.inFlight === 0);
    expect(calls).toEqual(["abc", "a"]);
    expect(bench.work.ledger.unsettled).toBe(3);
  });

  it("is not what waits for its next try while other partitions move away", async () => {
    const bench = createStageBench(2, 60_000);
    let calls = 0;
    const stage = createStage<string, string>(
      options,
      async () => {
        calls++;
        throw new Error("no luck");
      },
      settle,
    );
    stage.push(bench.delivery("k", "a"));
    await until(() => bench.stages.values().next().value?.held(bench.work, 0)?.state === "backoff");
    for (const attached of bench.stages) attached.purge();
    await new Promise((resolve) => setImmediate(resolve));
    expect([calls, stage.inFlight]).toEqual([1, 1]);
    bench.work.fence();
    for (const attached of bench.stages) attached.purge();
    await until(() => stage.inFlight === 0);
    expect(calls).toBe(1);
  });
});
