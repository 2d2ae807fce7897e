import { AggregationTemporality } from "@opentelemetry/sdk-metrics";
import * as published from "@opentelemetry/semantic-conventions/incubating";
import { afterEach, describe, expect, it } from "vitest";
import { createLab, endOf, Gate, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import { recordMetrics } from "../testing/recorded-metrics.js";
import { busInstruments } from "./bus-instruments.js";
import { busMetrics } from "./bus-metrics.js";

let lab: Lab;
afterEach(() => lab.close());

const GROUP = "messaging.consumer.group.name";
const topic = { "messaging.destination.name": "lab.readings" };
const quick = { initialBackoffMs: 1, maxBackoffMs: 1 };

describe("busMetrics", () => {
  it("are written only while an SDK is registered, which may be after the bus was made", async () => {
    lab = await createLab();
    expect(busInstruments()).toBeUndefined();
    await lab.publish("a");
    {
      await using recorded = recordMetrics();
      await lab.publish("a", "a");
      expect(await recorded.total("messaging.client.sent.messages", topic)).toBe(2);
    }
    expect(busInstruments()).toBeUndefined();
    await lab.publish("a");
  });

  it("tell what is sent, received, processed and committed, and how long it takes", async () => {
    await using recorded = recordMetrics();
    lab = await createLab();
    await lab.publish("a", "b", "c");
    const consumption = lab.bus.consume(Reading, { group: "g", commitIntervalMs: 1 }, () => {});
    await until(async () => (await lab.committed("g")).reduce((sum, offset) => sum + offset, 0) === 3);
    expect(await recorded.total("messaging.client.sent.messages", topic)).toBe(3);
    expect(await recorded.total("bus.publisher.batch.size", topic)).toBe(1);
    expect(await recorded.total("messaging.client.operation.duration", { "messaging.operation.name": "send" })).toBe(1);
    expect(await recorded.total("messaging.client.consumed.messages", { ...topic, [GROUP]: "g" })).toBe(3);
    expect(await recorded.total("messaging.process.duration", { ...topic, [GROUP]: "g", "messaging.system.name": "memory" })).toBe(3);
    expect(await recorded.total("bus.consumer.queue.time", { [GROUP]: "g", "bus.stage": "handler" })).toBe(3);
    expect(await recorded.total("bus.consumer.stage.duration", { [GROUP]: "g", "bus.stage": "handler" })).toBe(3);
    expect(await recorded.total("bus.consumer.commits", { [GROUP]: "g" })).toBeGreaterThanOrEqual(1);
    expect(await recorded.total("messaging.client.operation.duration", { "messaging.operation.name": "commit" })).toBeGreaterThanOrEqual(1);
    expect(await recorded.total("bus.consumer.rebalances", { ...topic, "bus.rebalance.event": "assigned" })).toBe(1);
    expect(await recorded.total("bus.consumer.rebalance.duration")).toBe(1);
    expect(await recorded.total("bus.consumer.state", { ...topic, "bus.stream.state": "running" })).toBe(1);
    await consumption.close();
    expect(await recorded.total("bus.consumer.state")).toBe(0);
  });

  it("tell of the lag in records and in time, of what is in flight, and of the skew", async () => {
    await using recorded = recordMetrics();
    lab = await createLab();
    const gate = new Gate<number>();
    const consumption = lab.bus.consume(Reading, { group: "g", commitIntervalMs: 1, concurrency: 2 }, ({ celsius }) => gate.pass(celsius));
    await consumption.started;
    const published = Date.now();
    await lab.publish("a", "a", "a", "a");
    await until(() => gate.inside === 1);
    await until(() => Date.now() > published);
    expect(await recorded.total("bus.consumer.lag.records", { [GROUP]: "g" })).toBe(4);
    const age = (await recorded.total("bus.consumer.lag.time", { [GROUP]: "g" })) ?? 0;
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThanOrEqual((Date.now() - published + 1) / 1_000);
    expect(await recorded.total("bus.consumer.skew", { [GROUP]: "g", ...topic })).toBe(4);
    expect(await recorded.total("bus.consumer.in_flight", { [GROUP]: "g", "bus.stage": "handler" })).toBe(1);
    expect(await recorded.total("bus.consumer.waiting", { [GROUP]: "g" })).toBe(3);
    expect(await recorded.total("bus.consumer.keys.active", { [GROUP]: "g" })).toBe(1);
    expect(await recorded.total("bus.consumer.unsettled.records", { [GROUP]: "g" })).toBe(4);
    expect(await recorded.total("bus.consumer.unsettled.size", { [GROUP]: "g" })).toBeGreaterThan(4);
    const opening = setInterval(() => gate.open(), 0);
    await until(async () => (await lab.committed("g")).includes(4));
    clearInterval(opening);
    await until(() => consumption.explain().partitions.every(({ lag }) => lag === 0));
    expect(await recorded.total("bus.consumer.lag.records", { [GROUP]: "g" })).toBe(0);
    expect(await recorded.total("bus.consumer.lag.time", { [GROUP]: "g" })).toBe(0);
    expect(await recorded.total("bus.consumer.skew", { [GROUP]: "g" })).toBe(1);
    await consumption.close();
  });

  it("count retries, dead letters and the limits that stop the fetching", async () => {
    await using recorded = recordMetrics();
    lab = await createLab();
    await lab.publish("a", "b", "c");
    const credit = { maxUnsettled: 1 };
    const consumption = lab.bus.consume(
      Reading,
      { group: "g", commitIntervalMs: 1, credit, failure: { ...quick, attempts: 3 } },
      async ({ celsius }) => {
        if (celsius === 1) throw new TypeError("no luck");
      },
    );
    await until(async () => (await lab.committed("g")).reduce((sum, offset) => sum + offset, 0) === 3);
    const failed = { ...topic, [GROUP]: "g", "bus.stage": "handler", "error.type": "TypeError" };
    expect(await recorded.total("bus.consumer.retries", failed)).toBe(2);
    expect(await recorded.total("bus.consumer.dead_letters", failed)).toBe(1);
    expect(await recorded.total("messaging.process.duration", { "error.type": "TypeError" })).toBe(1);
    expect(await recorded.total("messaging.client.sent.messages", { "messaging.destination.name": "lab.readings.g.dlq" })).toBe(1);
    expect(await recorded.total("bus.consumer.credit.exhausted", { ...topic, "bus.credit.limit": "maxUnsettled" })).toBeGreaterThanOrEqual(1);
    await consumption.close();
  });

  it("count what comes again although it is settled", async () => {
    await using recorded = recordMetrics();
    lab = await createLab();
    await lab.publish("a", "b", "a", "c", "d", "e", "f");
    const gate = new Gate<number>();
    const options = { group: "g", commitIntervalMs: 1, drainTimeoutMs: 0 };
    const first = lab.bus.consume(Reading, options, async ({ celsius }) => {
      if (celsius === 0) await gate.pass(celsius);
    });
    await until(() => first.explain().partitions.some(({ heldBy }) => heldBy !== undefined) && first.explain().waiting === 1);
    await until(() => first.explain().partitions.reduce((sum, { unsettled }) => sum + unsettled, 0) === 2);
    const beyond = first.explain().partitions.reduce((sum, { unsettled, offsetSpan }) => sum + (offsetSpan - unsettled), 0);
    await first.close();
    gate.open();
    const second = lab.bus.consume(Reading, options, () => {});
    await until(async () => (await lab.committed("g")).reduce((sum, offset) => sum + offset, 0) === 7);
    expect((await recorded.total("bus.consumer.duplicates.suppressed", topic)) ?? 0).toBe(beyond);
    await second.close();
  });

  it("count the faults of refused messages by rule and declared field", async () => {
    await using recorded = recordMetrics();
    lab = await createLab();
    await expect(lab.bus.publish(Reading, { sensor: "a", celsius: -300 })).rejects.toThrow("celsius");
    await expect(lab.bus.publishAll(Reading, [{ sensor: "a", celsius: -300, homeAddress: "" }])).rejects.toThrow("celsius");
    const refused = { ...topic, "bus.message.type": "lab.v1.Reading" };
    expect(await recorded.total("bus.contract.violations", { ...refused, "bus.contract.rule": "double.gte", "bus.contract.field": "celsius" })).toBe(
      2,
    );
    expect(await recorded.total("bus.contract.violations", { ...refused, "bus.contract.field": "homeAddress" })).toBe(1);
    expect(await recorded.total("messaging.client.sent.messages")).toBeUndefined();
  });

  it("keep a failed stream in sight until it is closed", async () => {
    await using recorded = recordMetrics();
    lab = await createLab();
    await lab.publish("a");
    const consumption = lab.bus.consume(Reading, { group: "g", failure: { attempts: 1, otherwise: "stop" } }, () => {
      throw new Error("no luck");
    });
    await endOf(consumption);
    expect(await recorded.total("bus.consumer.state", { "bus.stream.state": "failed" })).toBe(1);
    await consumption.close();
    expect(await recorded.total("bus.consumer.state")).toBe(0);
  });

  it("of a stream that is gone are 0 for ten collections, in case one is discarded, and then told no more", async () => {
    await using recorded = recordMetrics(AggregationTemporality.DELTA);
    lab = await createLab();
    const lag = () => recorded.total("bus.consumer.lag.records", { [GROUP]: "gone" });
    const oneAfterAnother = async (times: number) => {
      const told: (number | undefined)[] = [];
      for (let time = 0; time < times; time++) told.push(await lag());
      return told;
    };
    const open = async () => {
      const consumption = lab.bus.consume(Reading, { group: "gone" }, () => {});
      await consumption.started;
      return consumption;
    };
    const first = await open();
    expect(await lag()).toBe(0);
    await first.close();
    expect(await oneAfterAnother(4)).toEqual([0, 0, 0, 0]);
    // as after a restart
    const second = await open();
    expect(await lag()).toBe(0);
    await second.close();
    expect(await oneAfterAnother(12)).toEqual([...Array(10).fill(0), undefined, undefined]);
    const third = await open();
    expect(await lag()).toBe(0);
    await third.close();
  });

  it("have only the attributes that are declared, and in none a key, an id or an offset", async () => {
    await using recorded = recordMetrics();
    lab = await createLab();
    const sensors = Array.from({ length: 50 }, (_, index) => `sensor-${index}`);
    await lab.publish(...sensors);
    const consumption = lab.bus.consume(Reading, { group: "g", commitIntervalMs: 1, failure: { ...quick, attempts: 2 } }, ({ celsius, sensor }) => {
      if (celsius % 7 === 0) throw new Error(`cannot read ${sensor}`);
    });
    await until(async () => (await lab.committed("g")).reduce((sum, offset) => sum + offset, 0) === 50);
    const declared = new Map<string, readonly string[]>(Object.values(busMetrics).map(({ name, attributes }) => [name, attributes]));
    const collected = await recorded.collect();
    await consumption.close();
    expect([...collected.keys()].filter((name) => !declared.has(name))).toEqual([]);
    for (const [name, series] of collected) {
      // partitions times the few values of the others
      expect(series.length, name).toBeLessThanOrEqual(16);
      for (const { attributes } of series) {
        expect(declared.get(name), name).toEqual(expect.arrayContaining(Object.keys(attributes)));
        expect(JSON.stringify(attributes), name).not.toMatch(/sensor-\d|cannot read|[0-9a-f]{8}-[0-9a-f]{4}|offset/);
      }
    }
  });

  it("have the names of the conventions where those have one", () => {
    lab = { close: async () => {} } as Lab;
    const known = new Set<unknown>(Object.entries(published).flatMap(([name, value]) => (name.startsWith("METRIC_") ? [value] : [])));
    const names = Object.values(busMetrics).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("messaging.")).filter((name) => !known.has(name))).toEqual([]);
  });

  it("are declared with names, units and attributes of low cardinality", () => {
    lab = { close: async () => {} } as Lab;
    const definitions = Object.values(busMetrics);
    expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
    for (const { name, attributes, description } of definitions) {
      expect(name).toMatch(/^(messaging|bus)\.[a-z_.]+$/);
      expect(description).toMatch(/\.$/);
      for (const attribute of attributes) expect(attribute).not.toMatch(/key|\.id$(?<!partition\.id)|offset|message\.id/);
    }
  });
});
