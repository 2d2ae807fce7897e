import { BusError, type Clock, systemClock } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { collector } from "../../test/collector.js";
import { fixture, orders } from "../../test/fixture.js";
import { batchMessages, mapMessages, stream, tapMessages } from "../index.js";

describe("batchMessages", () => {
  test("a batch is complete with maxSize messages", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(
      Order,
      orders(9, () => "hot"),
    );
    const batches = collector<readonly number[]>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        mapMessages((order) => order.amount),
        batchMessages({ maxSize: 3, maxWaitMs: 60_000 }),
        tapMessages(batches.add),
      )
      .run();
    await batches.reached(3);
    await consumption.close();
    expect(batches.items).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("a smaller one goes on when its first message has waited maxWaitMs by the clock of the bus", async () => {
    const timers: (() => void)[] = [];
    const clock: Clock = {
      now: systemClock.now,
      schedule(delayMs, callback) {
        if (delayMs !== 54_321) return systemClock.schedule(delayMs, callback);
        timers.push(callback);
        return () => {};
      },
    };
    const { bus } = await fixture({ clock });
    await bus.publishAll(
      Order,
      orders(2, () => "hot"),
    );
    const batches = collector<readonly Order[]>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(batchMessages({ maxSize: 3, maxWaitMs: 54_321 }), tapMessages(batches.add))
      .run();
    while (consumption.explain().waiting < 2) await new Promise(setImmediate);
    expect(batches.items).toEqual([]);
    expect(timers).toHaveLength(1);
    timers[0]?.();
    await batches.reached(1);
    expect(batches.items).toEqual([orders(2, () => "hot")]);
    await consumption.close();
  });

  test("a batch that fails is retried whole, then each of its messages goes to the dead letter", async () => {
    const { bus, records, uncommitted } = await fixture();
    await bus.publishAll(Order, orders(3));
    const attempts: number[] = [];
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 2, initialBackoffMs: 1 } })
      .pipe(
        batchMessages({ maxSize: 3, maxWaitMs: 60_000 }),
        tapMessages((batch, delivery) => {
          attempts.push(delivery.attempt);
          throw new Error(`cannot write ${batch.length}`);
        }),
      )
      .run();
    const dead = await records("orders.g.dlq", 3);
    await consumption.close();
    expect(attempts).toEqual([1, 2]);
    expect(dead.map((record) => new TextDecoder().decode(record.key ?? undefined)).sort()).toEqual(["order-0", "order-1", "order-2"]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("close() hands on what waits after other work instead of waiting for more", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(
      Order,
      orders(2, () => "hot"),
    );
    const batches = collector<readonly number[]>();
    const consumption = stream(bus, Order, { group: "g", drainTimeoutMs: 20_000 })
      .pipe(
        mapMessages(async (order) => order.amount),
        batchMessages({ maxSize: 100, maxWaitMs: 60_000 }),
        tapMessages(batches.add),
      )
      .run();
    while (consumption.explain().waiting < 2 || consumption.explain().inFlight > 0) await new Promise(setImmediate);
    await consumption.close();
    expect(batches.items).toEqual([[0, 1]]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("close() hands on at once what reaches the batch while it drains", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publish(Order, { id: "a", amount: 1 });
    const held = collector<() => void>();
    const batches = collector<readonly Order[]>();
    const consumption = stream(bus, Order, { group: "g", drainTimeoutMs: 20_000 })
      .pipe(
        mapMessages((order) => new Promise<Order>((resolve) => held.add(() => resolve(order)))),
        batchMessages({ maxSize: 100, maxWaitMs: 60_000 }),
        tapMessages(batches.add),
      )
      .run();
    await held.reached(1);
    const closing = consumption.close();
    held.items[0]?.();
    await closing;
    expect(batches.items).toEqual([[{ id: "a", amount: 1 }]]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("refuses options that make no sense, all at once", () => {
    const attempt = () => batchMessages({ maxSize: 0, maxWaitMs: -1 });
    expect(attempt).toThrow(BusError);
    expect(attempt).toThrow("batchMessages: maxSize 0 must be a whole number >= 1; maxWaitMs -1 must be a whole number >= 1");
  });
});
