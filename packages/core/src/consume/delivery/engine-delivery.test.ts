import { afterEach, describe, expect, it } from "vitest";
import { busInternals } from "../../bus-internals.js";
import { createLab, type Lab, until } from "../../testing/consume-setup.js";
import { Reading } from "../../testing/reading.js";
import type { Consumption } from "../consumption.js";
import { openConsumption } from "../open-consumption.js";
import { consumeOptions } from "../options.js";
import type { Delivery } from "./delivery.js";
import { derive, fanOut, join, settle } from "./engine-delivery.js";

let lab: Lab;
let consumption: Consumption;
afterEach(() => lab.close());

/** The deliveries of `count` messages of one key, which the test holds. */
async function received(count: number): Promise<Delivery<unknown>[]> {
  lab = await createLab();
  await lab.publish(...Array.from({ length: count }, () => "a"));
  const deliveries: Delivery<unknown>[] = [];
  const options = consumeOptions.parse({ group: "g", drainTimeoutMs: 0 });
  consumption = openConsumption(busInternals(lab.bus), [Reading], options, {
    open: () => ({ next: (delivery) => deliveries.push(delivery), close() {} }),
  });
  await until(() => deliveries.length === count);
  return deliveries;
}

const unsettled = () => consumption.explain().partitions.reduce((sum, partition) => sum + partition.unsettled, 0);
const only = <T>(items: readonly T[]): T => {
  const [item] = items;
  if (item === undefined || items.length > 1) throw new Error(`expected one item, got ${items.length}`);
  return item;
};

describe("derive", () => {
  it("carries position, key and settlement on", async () => {
    const delivery = only(await received(1));
    const derived = derive(derive(delivery, 1), "two");
    const { key, topic, partition, offset, timestamp, headers, context, signal } = delivery;
    expect(derived).toMatchObject({ value: "two", attempt: 1 });
    expect({ key, topic, partition, offset, timestamp, headers, context, signal }).toEqual({
      key: derived.key,
      topic: "lab.readings",
      partition: derived.partition,
      offset: derived.offset,
      timestamp: derived.timestamp,
      headers: derived.headers,
      context: derived.context,
      signal: derived.signal,
    });
    expect(derived.is(Reading)).toBe(true);
    expect(unsettled()).toBe(1);
    settle(derived);
    expect(unsettled()).toBe(0);
  });

  it("derived twice settles when both have, and is noticed once", async () => {
    const delivery = only(await received(1));
    const one = derive(delivery, 1);
    const other = derive(delivery, 2);
    derive(delivery, 3);
    settle(one);
    settle(one);
    settle(delivery);
    expect(unsettled()).toBe(1);
    settle(other);
    expect(unsettled()).toBe(1);
    expect(lab.logged.map(({ message }) => message)).toEqual([
      "an operator emitted a delivery more than once; it settles when all that came of it have (logged once)",
    ]);
  });

  it("after it was settled leads nowhere", async () => {
    const delivery = only(await received(1));
    settle(delivery);
    settle(derive(delivery, 1));
    expect(unsettled()).toBe(0);
  });

  it("refuses what is no delivery", async () => {
    const delivery = only(await received(1));
    const copy = { ...delivery } as Delivery<unknown>;
    expect(() => derive(copy, 1)).toThrow("an operator emitted something that is not a delivery of this stream; derive it with mapMessages instead");
  });
});

describe("fanOut", () => {
  it("settles when all have, and at once when there are none", async () => {
    const [first, second] = await received(2);
    if (first === undefined || second === undefined) throw new Error("expected two");
    const children = fanOut(first, ["a", "b", "c"]);
    expect(children.map((child) => child.value)).toEqual(["a", "b", "c"]);
    for (const child of children) {
      expect(unsettled()).toBe(2);
      settle(child);
    }
    expect(unsettled()).toBe(1);
    expect(fanOut(second, [])).toEqual([]);
    expect(unsettled()).toBe(0);
  });
});

describe("join", () => {
  it("settles all parts together, those of joined and fanned-out ones too", async () => {
    const [first, second, third] = await received(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error("expected three");
    const [left, right] = fanOut(first, [1, 2]);
    if (left === undefined || right === undefined) throw new Error("expected two");
    const pair = join([left, second], "pair");
    expect(pair).toMatchObject({ value: "pair", offset: first.offset, key: first.key });
    const all = join([pair, third], "all");
    settle(all);
    expect(unsettled()).toBe(1);
    settle(right);
    expect(unsettled()).toBe(0);
  });

  it("refuses to join nothing", () => {
    expect(() => join([], 1)).toThrow("join needs at least one delivery");
  });
});
