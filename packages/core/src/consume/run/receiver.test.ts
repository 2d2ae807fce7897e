import { describe, expect, it } from "vitest";
import { until } from "../../testing/consume-setup.js";
import { Reading } from "../../testing/reading.js";
import { createStageBench } from "../../testing/stage-setup.js";
import type { IncomingRecord } from "../../transport/record.js";
import type { Delivery } from "../delivery/delivery.js";
import { settle } from "../delivery/engine-delivery.js";
import { LostDeliveries } from "../delivery/lost-deliveries.js";
import { Receiver } from "./receiver.js";

const record = (offset: number): IncomingRecord => ({
  topic: "t",
  partition: 0,
  offset,
  timestamp: 1,
  key: null,
  value: new TextEncoder().encode(JSON.stringify({ sensor: "a", celsius: offset })),
  headers: {},
});
const batch = (...offsets: number[]) => ({ topic: "t", partition: 0, epoch: 1, logEnd: 1_000, records: offsets.map(record) });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** A receiver on a clock that moves on by `handlerMs` with each delivery, and what it hands on. */
function receiver(handlerMs: number) {
  const bench = createStageBench();
  let now = 0;
  const run = { ...bench.run, clock: { ...bench.run.clock, now: () => now } };
  const deliveries: Delivery<unknown>[] = [];
  const sink = {
    next(delivery: Delivery<unknown>) {
      now += handlerMs;
      deliveries.push(delivery);
    },
    close() {},
  };
  const lost = new LostDeliveries(1_000_000, () => {});
  return { ...bench, deliveries, receiver: new Receiver(run, new Map([["t", Reading]]), lost, sink, () => {}) };
}

describe("Receiver", () => {
  it("hands a batch on at once, decoded, each delivery with its own slot", () => {
    const { receiver: it, work, deliveries } = receiver(0);
    it.receive(work, batch(0, 2, 5));
    expect(deliveries.map(({ offset, value }) => [offset, (value as Reading).celsius])).toEqual([
      [0, 0],
      [2, 2],
      [5, 5],
    ]);
    for (const delivery of deliveries.slice(0, 2)) settle(delivery);
    expect(work.ledger.frontier).toBe(5);
    expect(work.logEnd).toBe(1_000);
  });

  it("leaves out what was received before", () => {
    const { receiver: it, work, deliveries } = receiver(0);
    it.receive(work, batch(0, 1, 2));
    it.receive(work, batch(1, 2, 3, 4));
    it.receive(work, batch(4));
    expect(deliveries.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
    const [, , , fourth] = deliveries;
    if (fourth !== undefined) settle(fourth);
    expect(work.ledger.isSettled(3)).toBe(true);
  });

  it("goes on in a later turn when handlers keep the event loop busy, in the same order", async () => {
    const { receiver: it, work, deliveries } = receiver(4);
    it.receive(work, batch(...range(0, 50)));
    const first = deliveries.length;
    expect(first).toBeLessThan(10);
    it.receive(work, batch(...range(50, 60)));
    expect(deliveries.length).toBe(first);
    await until(() => deliveries.length === 60);
    expect(deliveries.map(({ offset }) => offset)).toEqual(range(0, 60));
    // every one has the slot of its own offset
    for (const delivery of deliveries.slice(0, 30)) settle(delivery);
    expect(work.ledger.frontier).toBe(30);
  });

  it("hands nothing on of a partition that is being given up", async () => {
    const { receiver: it, work, deliveries } = receiver(4);
    it.receive(work, batch(...range(0, 50)));
    const first = deliveries.length;
    work.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(deliveries.length).toBe(first);
  });

  it("restarts the run when what it hands on to throws", () => {
    const bench = createStageBench();
    const sink = {
      next() {
        throw new Error("broken pipe");
      },
      close() {},
    };
    const it = new Receiver(bench.run, new Map([["t", Reading]]), new LostDeliveries(1, () => {}), sink, () => {});
    it.receive(bench.work, batch(0));
    expect(bench.ends.restarted.map(({ message }) => message)).toEqual(["broken pipe"]);
  });
});
