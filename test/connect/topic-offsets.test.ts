import { randomUUID } from "node:crypto";
import { defineConnector, fromTopic, runConnector, type Sink, written } from "@org/bus-connect";
import { createBus } from "@org/bus-core";
import { kafka as kafkaTransport } from "@org/bus-kafka";
import { describe, expect, it } from "vitest";
import { jsonContract, type Order } from "../support/json-contract.js";
import { kafkaForTests } from "../support/kafka.js";

const kafka = await kafkaForTests();

describe.skipIf(!kafka.available)("positions of a connector that reads a topic of Kafka", () => {
  it("are what its group has committed, and the lag behind that, also while it is stopped", { timeout: 60_000 }, async () => {
    const name = `positions-${randomUUID().slice(0, 8)}`;
    const Orders = jsonContract<Order>(name, 2);
    await using bus = createBus({ service: "test", transport: kafkaTransport({ brokers: kafka.brokers }) });
    await bus.topics.ensure([Orders]);
    const publish = (count: number) =>
      bus.publishAll(
        Orders,
        Array.from({ length: count }, () => ({ id: "one", amount: 1 })),
      );
    await publish(5);
    const taken: unknown[] = [];
    const sink: Sink<Order> = {
      name: "taking",
      open: async () => ({
        async write(records) {
          taken.push(...records);
          return records.map(() => written);
        },
        close: async () => {},
      }),
    };
    const running = runConnector(bus, defineConnector({ name, source: fromTopic(Orders, { commitIntervalMs: 50 }), sink }));
    await expect.poll(() => taken.length, { timeout: 30_000 }).toBe(5);
    await running.stop();
    await publish(2);
    const positions = await running.positions();
    expect(positions.map(({ split }) => split).sort()).toEqual([`${name}[0]`, `${name}[1]`]);
    expect(positions.filter(({ position }) => position !== null)).toEqual([{ split: expect.any(String), position: 5, records: 5, lag: 2 }]);
    expect(positions.reduce((sum, { lag = 0 }) => sum + lag, 0)).toBe(2);
  });
});
