import { afterEach, describe, expect, it } from "vitest";
import { partitionForKey } from "../publish/partitioner.js";
import { createLab, Gate, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import type { ConsumerListener } from "../transport/transport.js";
import type { Delivery } from "./delivery/delivery.js";

let lab: Lab;
afterEach(() => lab.close());

const sensors = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);
/** Of the partition that moves when a second member comes. */
const sensorOfLast = sensors(100).find((sensor) => partitionForKey(new TextEncoder().encode(sensor), 4) === 3) ?? "";
const slow = { group: "g", commitIntervalMs: 1_000_000 };

describe("a rebalance", () => {
  it("waits for work in flight, commits it, and leaves the rest to the new owner, and goes on with what stays: nothing is handled twice", async () => {
    lab = await createLab();
    await lab.publish(...sensors(40), ...sensors(40));
    const gate = new Gate<number>();
    const handled: number[] = [];
    const handler = async ({ celsius }: Reading) => {
      await gate.pass(celsius);
      handled.push(celsius);
    };
    const first = lab.bus.consume(Reading, { ...slow, concurrency: 10 }, handler);
    await until(() => gate.inside === 10 && first.explain().waiting === 70);
    const { bus } = await lab.member();
    const second = bus.consume(Reading, { ...slow, concurrency: 10 }, handler);
    // of the partitions that are given up nothing new begins
    await until(() => first.explain().waiting < 70);
    expect(gate.inside).toBe(10);
    await second.started;
    expect([handled, second.explain().partitions]).toEqual([[], []]);
    const opening = setInterval(() => gate.open(), 0);
    await until(() => handled.length >= 80);
    expect(first.explain().partitions.length).toBe(2);
    expect(second.explain().partitions.length).toBe(2);
    await Promise.all([first.close(), second.close()]);
    clearInterval(opening);
    expect(await lab.committed("g")).toEqual(await lab.ends());
    expect([handled.length, new Set(handled).size]).toEqual([80, 80]);
  });

  it("fences work that outlasts the drain: its signal fires, it settles nothing, and its key does not run again before it has ended", async () => {
    lab = await createLab();
    await lab.publish(sensorOfLast);
    const running: Delivery<Reading>[] = [];
    const gate = new Gate<number>();
    const options = { group: "g", commitIntervalMs: 1, drainTimeoutMs: 5 };
    const handler = async (_: Reading, delivery: Delivery<Reading>) => {
      running.push(delivery);
      await gate.pass(delivery.partition);
    };
    const first = lab.bus.consume(Reading, options, handler);
    await until(() => gate.inside === 1);
    const partition = running[0]?.partition ?? -1;
    expect(running[0]?.signal.aborted).toBe(false);

    // a member comes and goes: the partition comes back to the first one, in a later epoch
    const { bus } = await lab.member();
    const second = bus.consume(Reading, options, handler);
    await until(() => running[0]?.signal.aborted === true && second.explain().partitions.length === 2);
    await second.close();
    await until(() => first.explain().partitions.length === 4 && first.explain().partitions.some(({ unsettled }) => unsettled === 1));
    const before = running.length;
    expect(first.explain()).toMatchObject({ inFlight: 1, waiting: 1 });
    expect((await lab.committed("g"))[partition]).toBe(0);
    gate.open();
    await until(() => running.length === before + 1);
    expect((await lab.committed("g"))[partition]).toBe(0);
    gate.open();
    await until(async () => (await lab.committed("g"))[partition] === 1);
    await first.close();
  });

  it("fences partitions that are lost at once: what was in flight settles nothing, also not by a later commit", async () => {
    lab = await createLab();
    await lab.publish("a", "b");
    const create = lab.transport.createConsumer;
    const listeners: ConsumerListener[] = [];
    lab.transport.createConsumer = (options) => {
      const consumer = create(options);
      const start = consumer.start.bind(consumer);
      consumer.start = (listener) => {
        listeners.push(listener);
        return start(listener);
      };
      return consumer;
    };
    const gate = new Gate<Delivery<Reading>>();
    const consumption = lab.bus.consume(Reading, { group: "g", commitIntervalMs: 1 }, (_, delivery) => gate.pass(delivery));
    await until(() => gate.inside === 2);
    listeners[0]?.lost(consumption.explain().partitions);
    expect(gate.entered.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(consumption.explain().partitions).toEqual([]);
    gate.open();
    await until(() => consumption.explain().inFlight === 0);
    await consumption.close();
    expect(await lab.committed("g")).toEqual([0, 0, 0, 0]);
  });

  it("hands what a crashed member had in flight to its successor", async () => {
    lab = await createLab();
    await lab.publish("a", "b", "c");
    const { bus, crash } = await lab.member();
    const gate = new Gate<string>();
    bus.consume(Reading, { group: "g" }, ({ sensor }) => gate.pass(sensor));
    await until(() => gate.inside === 3);
    crash();
    const handled: string[] = [];
    const successor = lab.bus.consume(Reading, { group: "g" }, ({ sensor }) => {
      handled.push(sensor);
    });
    await until(() => handled.length === 3);
    await successor.close();
    expect(await lab.committed("g")).toEqual(await lab.ends());
    gate.open();
  });
});
