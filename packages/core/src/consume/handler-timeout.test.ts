import { afterEach, describe, expect, it } from "vitest";
import { createLab, Gate, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import { createStageBench } from "../testing/stage-setup.js";
import type { Delivery } from "./delivery/delivery.js";
import { settle } from "./delivery/engine-delivery.js";
import { createBatchStage } from "./stage/create-batch-stage.js";
import { createStage } from "./stage/create-stage.js";

const fired = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
const late = { name: "slow", concurrency: 2, order: "key", handlerTimeoutMs: 5 } as const;
const never = { ...late, handlerTimeoutMs: 1_000_000 };

describe("handlerTimeoutMs", () => {
  let lab: Lab | undefined;
  afterEach(() => lab?.close());

  it("fires the signal of the try, and leaves key and slot to the handler until it ends; then the failure policy has it", async () => {
    lab = await createLab();
    await lab.publish("a", "a", "b");
    const gate = new Gate<string>();
    const tries: string[] = [];
    const consumption = lab.bus.consume(
      Reading,
      { group: "g", concurrency: 2, handlerTimeoutMs: 5, failure: { attempts: 2, initialBackoffMs: 1 }, commitIntervalMs: 1 },
      async ({ sensor }, delivery) => {
        tries.push(`${sensor}${delivery.offset} ${delivery.attempt}`);
        if (sensor === "b" || delivery.offset > 0) return;
        expect(delivery.signal.aborted).toBe(false);
        await fired(delivery.signal);
        expect(delivery.signal.reason).toMatchObject({ code: "timed_out" });
        await gate.pass(sensor);
      },
    );
    await until(() => gate.inside === 1 && consumption.explain().overdue === 1 && tries.some((each) => each.startsWith("b")));
    const held = () => consumption.explain().partitions.find(({ heldBy }) => heldBy !== undefined)?.heldBy;
    expect(held()).toMatchObject({ key: "a", state: "overdue", attempt: 1, waitingBehind: 1 });
    expect(consumption.explain()).toMatchObject({ inFlight: 1, waiting: 1 });
    gate.open();
    await until(() => gate.inside === 1);
    expect(tries.filter((each) => each.startsWith("a"))).toEqual(["a0 1", "a0 2"]);
    expect(held()?.lastError).toMatch(/^handler took longer than handlerTimeoutMs 5 on lab.readings\[\d\] offset 0$/);
    gate.open();
    await until(() => consumption.explain().partitions.every(({ unsettled }) => unsettled === 0));
    await consumption.close();
    const [letter, ...others] = await lab.read("lab.readings.g.dlq");
    expect(others).toEqual([]);
    expect(Buffer.from((letter?.headers["bus-dlq-error-code"] as Uint8Array) ?? []).toString()).toBe("timed_out");
    expect(tries.at(-1)).toBe("a1 1");
  });

  it("fails a try that ends late, with an error of its own as the cause, and none that ends in time", async () => {
    const bench = createStageBench(1);
    const failures: unknown[] = [];
    const { deadLetters } = bench.run.failure;
    deadLetters.write = async (_record, { error }) => void failures.push(error);
    const stage = createStage<string, unknown>(
      late,
      async ({ value, signal }) => {
        if (value === "in time") return;
        await fired(signal);
        throw new Error("stopped half-way");
      },
      settle,
    );
    stage.push(bench.delivery("a", "late"));
    stage.push(bench.delivery("b", "in time"));
    await until(() => bench.work.ledger.unsettled === 0);
    expect(failures).toMatchObject([{ code: "timed_out", retryable: true, cause: { message: "stopped half-way" } }]);
  });

  it("does not fire for work that comes after", async () => {
    const bench = createStageBench();
    const signals: AbortSignal[] = [];
    const note = (delivery: Delivery<string>) => {
      signals.push(delivery.signal);
    };
    const second = createStage<string, unknown>({ ...never, handlerTimeoutMs: undefined }, note, settle);
    const first = createStage<string, unknown>(
      never,
      async (delivery) => note(delivery),
      (delivery) => second.push(delivery),
    );
    first.push(bench.delivery("a", "x"));
    await until(() => bench.work.ledger.unsettled === 0);
    expect(new Set(signals).size).toBe(2);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  it("still fires when the partition moves away", async () => {
    const bench = createStageBench();
    const stage = createStage<string, unknown>(never, ({ signal }) => fired(signal), settle);
    stage.push(bench.delivery("a", "x"));
    bench.work.fence();
    await until(() => stage.inFlight === 0);
    expect(bench.work.ledger.unsettled).toBe(1);
  });

  it("limits each call for a batch; what was in one that took too long is tried singly when it has ended", async () => {
    const bench = createStageBench(1);
    const calls: string[] = [];
    const gate = new Gate<string>();
    const stage = createBatchStage<string, void>(
      { ...late, maxBatch: 10 },
      async (deliveries) => {
        const name = deliveries.map(({ value }) => value).join("");
        calls.push(name);
        if (name === "abc") {
          await Promise.all(deliveries.map(({ signal }) => fired(signal)));
          await gate.pass(name);
        }
        return deliveries.map(() => ({ ok: true, value: undefined }));
      },
      settle,
    );
    for (const value of ["a", "b", "c"]) stage.push(bench.delivery("k", value));
    await until(() => gate.inside === 1);
    expect([calls, stage.inFlight]).toEqual([["abc"], 3]);
    gate.open();
    await until(() => bench.work.ledger.unsettled === 0);
    expect(calls).toEqual(["abc", "a", "b", "c"]);
    expect(bench.deadLetters).toEqual([]);
  });
});
