import { describe, expect, test } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { collector } from "../../test/collector.js";
import { fixture, orders } from "../../test/fixture.js";
import { mapMessages, stream, tapMessages } from "../index.js";

describe("mapMessages", () => {
  test("hands on what the function returns or resolves to", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(Order, orders(20));
    const seen = collector<string>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        mapMessages((order) => order.amount),
        mapMessages(async (amount, delivery) => `${amount} in ${delivery.topic}`),
        tapMessages(seen.add),
      )
      .run();
    await seen.reached(20);
    await consumption.close();
    expect([...seen.items].sort()).toEqual(
      orders(20)
        .map((order) => `${order.amount} in orders`)
        .sort(),
    );
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("keeps the order of each key although later messages are faster", async () => {
    const { bus } = await fixture();
    await bus.publishAll(
      Order,
      orders(30, (index) => `order-${index % 3}`),
    );
    const seen = collector<Order>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        mapMessages(async (order) => {
          for (let turn = order.amount; turn < 30; turn++) await Promise.resolve();
          return order;
        }),
        tapMessages(seen.add),
      )
      .run();
    await seen.reached(30);
    await consumption.close();
    for (const id of ["order-0", "order-1", "order-2"]) {
      const amounts = seen.items.filter((order) => order.id === id).map((order) => order.amount);
      expect(amounts).toEqual([...amounts].sort((a, b) => a - b));
    }
  });

  test("a message whose function throws is retried, then goes to the dead letter; the others go on", async () => {
    const { bus, records, uncommitted } = await fixture();
    await bus.publishAll(Order, orders(10));
    const seen = collector<Order>();
    const attempts: number[] = [];
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 3, initialBackoffMs: 1 } })
      .pipe(
        mapMessages((order, delivery) => {
          if (order.amount !== 4) return order;
          attempts.push(delivery.attempt);
          throw new Error("cannot be mapped");
        }),
        tapMessages(seen.add),
      )
      .run();
    await seen.reached(9);
    const [dead] = await records("orders.g.dlq", 1);
    await consumption.close();
    expect(attempts).toEqual([1, 2, 3]);
    expect(new TextDecoder().decode(dead?.value ?? undefined)).toBe(JSON.stringify({ id: "order-4", amount: 4 }));
    expect(seen.items.map((order) => order.amount).sort()).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("refuses what is no function", () => {
    const missing: unknown = undefined;
    expect(() => mapMessages(missing as () => void)).toThrow("mapMessages needs a function to call, has undefined");
  });
});
