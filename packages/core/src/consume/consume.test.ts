import { afterEach, describe, expect, it } from "vitest";
import { createLab, Gate, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";

let lab: Lab;
afterEach(() => lab.close());

const sensors = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

describe("consume", () => {
  it("runs a handler for every message and commits the end of the log", async () => {
    lab = await createLab();
    await lab.publish(...sensors(50), ...sensors(50));
    const seen: number[] = [];
    const consumption = lab.bus.consume(Reading, { group: "g" }, (reading, delivery) => {
      expect(delivery.is(Reading)).toBe(true);
      expect(delivery.attempt).toBe(1);
      seen.push(reading.celsius);
    });
    await consumption.started;
    expect(consumption.state).toBe("running");
    await until(() => seen.length === 100);
    await consumption.close();
    expect(consumption.state).toBe("closed");
    await consumption.closed;
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("decodes within the limits that the options give", async () => {
    lab = await createLab();
    await lab.publish("s0");
    const seen: unknown[] = [];
    const Limited = { ...Reading, decode: (bytes: Uint8Array, limits: unknown) => [Reading.decode(bytes), seen.push(limits)][0] as Reading };
    const consumption = lab.bus.consume(Limited, { group: "g", decode: { maxBytes: 5_000_000 } }, () => {});
    await until(() => seen.length === 1);
    await consumption.close();
    expect(seen).toEqual([{ maxDepth: 100, maxBytes: 5_000_000 }]);
  });

  it("starts exactly as many handlers as concurrency says while all are gated", async () => {
    lab = await createLab();
    await lab.publish(...sensors(300), ...sensors(300));
    const gate = new Gate<string>();
    const consumption = lab.bus.consume(Reading, { group: "g", concurrency: 100 }, ({ sensor }) => gate.pass(sensor));
    await until(() => consumption.explain().inFlight + consumption.explain().waiting === 600);
    expect(gate.entered.length).toBe(100);
    expect(new Set(gate.entered).size).toBe(100);
    gate.open((sensor) => sensor === gate.entered[0]);
    await until(() => gate.entered.length > 100);
    expect(gate.inside).toBe(100);
    const opening = setInterval(() => gate.open(), 0);
    await until(async () => gate.entered.length === 600);
    await consumption.close();
    clearInterval(opening);
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("keeps the order of each key and never runs one twice at once", async () => {
    lab = await createLab();
    const keys = sensors(10);
    await lab.publish(...Array.from({ length: 400 }, (_, index) => keys[(index * index) % 7] ?? "s"));
    const running = new Set<string>();
    const seen = new Map<string, number[]>();
    let most = 0;
    let done = 0;
    const consumption = lab.bus.consume(Reading, { group: "g", concurrency: 5 }, async ({ sensor, celsius }) => {
      expect(running.has(sensor)).toBe(false);
      running.add(sensor);
      most = Math.max(most, running.size);
      for (let turns = celsius % 4; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      seen.set(sensor, [...(seen.get(sensor) ?? []), celsius]);
      running.delete(sensor);
      done++;
    });
    await until(() => done === 400);
    await consumption.close();
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(5);
    for (const order of seen.values()) expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("close waits for what is in flight and drops what only waits", async () => {
    lab = await createLab();
    await lab.publish("a", "a", "a");
    const gate = new Gate<number>();
    const consumption = lab.bus.consume(Reading, { group: "g" }, ({ celsius }) => gate.pass(celsius));
    await until(() => consumption.explain().waiting === 2);
    const closing = consumption.close();
    expect(consumption.state).toBe("closing");
    await until(() => consumption.explain().waiting === 0);
    gate.open();
    await closing;
    expect(gate.entered).toEqual([0]);
    expect((await lab.committed("g")).toSorted()).toEqual([0, 0, 0, 1]);
  });

  it("refuses what is no handler, and what is no contract", async () => {
    lab = await createLab();
    const options = { group: "g" };
    const missing: unknown = undefined;
    expect(() => lab.bus.consume(Reading, options, missing as () => void)).toThrow("consume: handler must be a function, is undefined");
    expect(() => lab.bus.consume(missing as typeof Reading, options, () => {})).toThrow(
      "contract must be the contract of a message, as bus gen writes it, is undefined",
    );
  });
});
