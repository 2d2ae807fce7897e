import { describe, expect, it } from "vitest";
import { Gate, until } from "../../testing/consume-setup.js";
import { createStageBench } from "../../testing/stage-setup.js";
import { settle } from "../delivery/engine-delivery.js";
import { createBatchStage, createCallStage } from "./create-batch-stage.js";
import type { BatchOutcome } from "./stage.js";

const options = { name: "test", concurrency: 4, order: "key", maxBatch: 3 } as const;

describe("createBatchStage", () => {
  it("takes all that waits for a key, up to maxBatch and of one topic", async () => {
    const bench = createStageBench();
    const calls: string[] = [];
    const gate = new Gate<string>();
    const stage = createBatchStage<string, string>(
      options,
      async (deliveries) => {
        const values = deliveries.map(({ value }) => value);
        calls.push(values.join(""));
        await gate.pass(values.join(""));
        return values.map((value) => ({ ok: true, value }));
      },
      settle,
    );
    for (const value of ["1", "2", "3", "4"]) stage.push(bench.delivery("a", value));
    stage.push(bench.delivery("a", "5", "u"));
    for (const value of ["x", "y"]) stage.push(bench.delivery(null, value));
    await until(() => gate.inside === 2);
    expect(calls).toEqual(["123", "xy"]);
    gate.open();
    await until(() => gate.inside === 1);
    expect(calls.slice(2)).toEqual(["4"]);
    gate.open();
    await until(() => gate.inside === 1);
    gate.open();
    await until(() => bench.work.ledger.unsettled === 0 && stage.inFlight === 0);
    expect(calls.slice(3)).toEqual(["5"]);
    expect(bench.work.inFlight).toBe(0);
  });

  it("tries a delivery again whose outcome is a failure, singly, and passes the others on in order", async () => {
    const bench = createStageBench();
    const calls: string[] = [];
    const out: string[] = [];
    const stage = createBatchStage<string, string>(
      options,
      (deliveries) => {
        calls.push(deliveries.map(({ value, attempt }) => `${value}${attempt}`).join(" "));
        return deliveries.map(
          ({ value, attempt }): BatchOutcome<string> =>
            value === "b" && attempt < 3 ? { ok: false, error: new Error("no luck") } : { ok: true, value },
        );
      },
      (delivery, result) => {
        out.push(result);
        settle(delivery);
      },
    );
    for (const value of ["a", "b", "c", "d"]) stage.push(bench.delivery("k", value));
    await until(() => out.length === 4);
    expect(calls).toEqual(["a1 b1 c1", "b2", "b3", "d1"]);
    expect(out).toEqual(["a", "b", "c", "d"]);
  });

  it("after a throw calls for each singly, and only what fails then goes to the dead letter", async () => {
    const bench = createStageBench(1);
    const calls: string[] = [];
    const out: string[] = [];
    const stage = createBatchStage<string, string>(
      options,
      async (deliveries) => {
        calls.push(deliveries.map(({ value }) => value).join(""));
        if (deliveries.some(({ value }) => value === "b")) throw new Error("no luck");
        return deliveries.map(({ value }) => ({ ok: true, value }));
      },
      (delivery, result) => {
        out.push(result);
        settle(delivery);
      },
    );
    for (const value of ["a", "b", "c"]) stage.push(bench.delivery("k", value));
    await until(() => bench.work.ledger.unsettled === 0);
    expect(calls).toEqual(["abc", "a", "b", "c"]);
    expect(out).toEqual(["a", "c"]);
    expect(bench.deadLetters.map(({ headers }) => new TextDecoder().decode(headers["bus-dlq-offset"] as Uint8Array))).toEqual(["1"]);
  });

  it("refuses work that does not answer for each of its deliveries", async () => {
    const bench = createStageBench(1);
    const stage = createBatchStage<string, string>(options, () => [], settle);
    stage.push(bench.delivery("k", "a"));
    await until(() => bench.work.ledger.unsettled === 0);
    expect(new TextDecoder().decode(bench.deadLetters[0]?.headers["bus-dlq-error-message"] as Uint8Array)).toBe(
      "test answered 0 outcomes for 1 deliveries; it must answer one for each",
    );
  });

  it("leaves out what may not begin any more", async () => {
    const bench = createStageBench();
    const calls: string[] = [];
    const stage = createBatchStage<string, string>(
      options,
      (deliveries) => {
        calls.push(deliveries.map(({ value }) => value).join(""));
        return deliveries.map(({ value }) => ({ ok: true, value }));
      },
      settle,
    );
    stage.push(bench.delivery("k", "a"));
    bench.work.fence();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual([]);
    expect([stage.inFlight, stage.waiting]).toEqual([0, 0]);
  });
});

describe("createCallStage", () => {
  it("takes answers within the call, of any number of calls for a key", async () => {
    const bench = createStageBench();
    const out: number[] = [];
    const stage = createCallStage<number, number>(
      { ...options, maxBatch: 1 },
      ({ deliveries, answer }) => answer(deliveries.map(({ value }) => ({ ok: true, value }))),
      (delivery, value) => {
        out.push(value);
        settle(delivery);
      },
    );
    const values = Array.from({ length: 20_000 }, (_, index) => index);
    for (const value of values) stage.push(bench.delivery("a", value));
    await until(() => out.length === values.length);
    expect(out).toEqual(values);
    expect([stage.inFlight, bench.work.ledger.unsettled, bench.ends]).toEqual([0, 0, { stopped: [], restarted: [] }]);
  });

  it("goes by the first answer of a call, and by a failure as by a throw", async () => {
    const bench = createStageBench(1);
    const out: string[] = [];
    const stage = createCallStage<string, string>(
      options,
      ({ deliveries, answer, fail }) => {
        if (deliveries.some(({ value }) => value === "b")) fail(new Error("no luck"));
        answer(deliveries.map(({ value }) => ({ ok: true, value })));
        answer(deliveries.map(() => ({ ok: true, value: "again" })));
        fail(new Error("too late"));
      },
      (delivery, value) => {
        out.push(value);
        settle(delivery);
      },
    );
    for (const value of ["a", "b", "c"]) stage.push(bench.delivery("k", value));
    await until(() => bench.work.ledger.unsettled === 0);
    expect(out).toEqual(["a", "c"]);
    expect(bench.deadLetters.length).toBe(1);
  });
});
