import { BusError } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { collector } from "../../test/collector.js";
import { fixture, orders } from "../../test/fixture.js";
import { mapKeyed, stream, tapMessages } from "../index.js";

/** A handler that waits to be let go, one call after the other. */
function gate() {
  const started = collector<{ readonly order: Order; readonly finish: () => void }>();
  return { started, handle: (order: Order) => new Promise<Order>((resolve) => started.add({ order, finish: () => resolve(order) })) };
}

describe("mapKeyed", () => {
  test("runs `concurrency` at once and hands the free slot on", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(Order, orders(12));
    const { started, handle } = gate();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(mapKeyed(handle, { concurrency: 5 }))
      .run();
    await started.reached(5);
    while (consumption.explain().waiting < 7) await new Promise(setImmediate);
    expect(started.items.length).toBe(5);
    for (let done = 0; done < 12; done++) {
      await started.reached(done + 1);
      expect(consumption.explain().inFlight).toBe(Math.min(5, 12 - done));
      started.items[done]?.finish();
      await started.reached(Math.min(12, done + 6));
    }
    await consumption.close();
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("never runs two of a key at once, and keeps their order", async () => {
    const { bus } = await fixture();
    await bus.publishAll(
      Order,
      orders(40, (index) => `order-${index % 4}`),
    );
    const running = new Set<string>();
    const overlaps: string[] = [];
    const seen = collector<Order>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        mapKeyed(
          async (order) => {
            if (running.has(order.id)) overlaps.push(order.id);
            running.add(order.id);
            for (let turn = order.amount; turn < 40; turn++) await Promise.resolve();
            running.delete(order.id);
            return order;
          },
          { concurrency: 10 },
        ),
        tapMessages(seen.add),
      )
      .run();
    await seen.reached(40);
    await consumption.close();
    expect(overlaps).toEqual([]);
    for (let key = 0; key < 4; key++) {
      const amounts = seen.items.filter((order) => order.id === `order-${key}`).map((order) => order.amount);
      expect(amounts).toEqual(Array.from({ length: 10 }, (_, index) => index * 4 + key));
    }
  });

  test("`key` replaces the key of the record", async () => {
    const { bus } = await fixture();
    await bus.publishAll(Order, orders(4));
    const { started, handle } = gate();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(mapKeyed(handle, { concurrency: 4, key: (order, delivery) => `${delivery.topic}-${order.amount % 2}` }))
      .run();
    await started.reached(2);
    while (consumption.explain().waiting < 2) await new Promise(setImmediate);
    expect(started.items.map(({ order }) => order.amount % 2).sort()).toEqual([0, 1]);
    for (let done = 0; done < 4; done++) {
      await started.reached(done + 1);
      started.items[done]?.finish();
    }
    await consumption.close();
  });

  test("refuses options that make no sense, all at once", () => {
    const attempt = () => mapKeyed((order: Order) => order, { concurrency: 0, order: "topic" as "key" });
    expect(attempt).toThrow(BusError);
    expect(attempt).toThrow('mapKeyed: concurrency 0 must be a whole number >= 1; order "topic" must be one of "key", "partition", "none"');
  });
});
