import { BusError, type Delivery } from "@org/bus-core";
import { concatMap, filter, map, of, take, tap } from "rxjs";
import { describe, expect, test } from "vitest";
import { Invoice, Order } from "../../../test/support/json-contract.js";
import { collector } from "../test/collector.js";
import { allSettled, fixture, orders } from "../test/fixture.js";
import { filterMessages, type MessageStream, mapMessages, stream, tapMessages } from "./index.js";

describe("stream", () => {
  test("settles what reaches the end of the pipe, also of an empty one", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(Order, orders(50));
    const consumption = stream(bus, Order, { group: "g" }).run();
    await allSettled(consumption);
    await consumption.close();
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("does not run on a bus that is closed", async () => {
    const { bus } = await fixture();
    const unopened = stream(bus, Order, { group: "g" });
    await bus.close();
    expect(() => unopened.run()).toThrow(new BusError("closed", "group g cannot consume: the bus is closed"));
  });

  test("carries several contracts, told apart by `is`", async () => {
    const { bus } = await fixture();
    await bus.publish(Order, { id: "a", amount: 1 });
    await bus.publish(Invoice, { id: "b", amount: 2, due: "tomorrow" });
    const seen = collector<string>();
    const consumption = stream(bus, [Order, Invoice], { group: "g" })
      .pipe(tapMessages((_, delivery) => seen.add(delivery.is(Invoice) ? `invoice due ${delivery.value.due}` : `order ${delivery.value.id}`)))
      .run();
    await seen.reached(2);
    await consumption.close();
    expect([...seen.items].sort()).toEqual(["invoice due tomorrow", "order a"]);
  });

  test("pipe() leaves the stream as it was, and each run has its own state", async () => {
    const { bus } = await fixture();
    await bus.publishAll(Order, orders(4));
    const all = collector<Order>();
    const large = collector<Order>();
    const base = stream(bus, Order, { group: "all" }).pipe(tapMessages(all.add));
    const narrowed = base.pipe(
      filterMessages((order) => order.amount > 2),
      tapMessages(large.add),
    );
    const first = base.run();
    await all.reached(4);
    await first.close();
    expect(large.items).toEqual([]);
    await bus.publishAll(Order, orders(4));
    const second = narrowed.run();
    await all.reached(8);
    await second.close();
    expect(large.items).toEqual([{ id: "order-3", amount: 3 }]);
  });

  test("refuses options that make no sense, all at once", async () => {
    const { bus } = await fixture();
    const attempt = () => stream(bus, Order, { group: "", from: "start" as "earliest" });
    expect(attempt).toThrow(BusError);
    expect(attempt).toThrow(/^stream: group "" must not be empty; from "start" /);
  });

  test("other RxJS operators may stand between", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(Order, orders(10));
    const seen = collector<number>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        tap((delivery) => expect(delivery.topic).toBe("orders")),
        mapMessages((order) => order.amount),
        concatMap((delivery) => of(delivery)),
        tapMessages(seen.add),
      )
      .run();
    await seen.reached(10);
    await consumption.close();
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("an operator that throws restarts the stream; what was not settled comes again", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(
      Order,
      orders(3, () => "hot"),
    );
    let thrown = false;
    const seen = collector<number>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        map((delivery) => {
          if (delivery.value.amount === 1 && !thrown) {
            thrown = true;
            throw new Error("a bug in an operator");
          }
          return delivery;
        }),
        tapMessages((order) => seen.add(order.amount)),
      )
      .run();
    await seen.reached(3);
    while (!seen.items.includes(2)) await seen.reached(seen.items.length + 1);
    await consumption.close();
    expect(thrown).toBe(true);
    expect([...new Set(seen.items)].sort()).toEqual([0, 1, 2]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("an operator that completes restarts the stream, and loses nothing", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(
      Order,
      orders(5, () => "hot"),
    );
    const seen = collector<number>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        take(2),
        tapMessages((order) => seen.add(order.amount)),
      )
      .run();
    while (new Set(seen.items).size < 5) await seen.reached(seen.items.length + 1);
    await consumption.close();
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test.each([
    ["at the end of the pipe", []],
    ["before an operator of this library", [mapMessages((order: Order) => order)]],
  ])("a delivery that an operator made itself restarts the stream %s, and settles nothing", async (_, after) => {
    const { bus, uncommitted } = await fixture();
    await bus.publish(Order, { id: "a", amount: 1 });
    const forged = collector<Delivery<Order>>();
    const consumption = after
      .reduce<MessageStream<Order>>(
        (messages, operator) => messages.pipe(operator),
        stream(bus, Order, { group: "g" }).pipe(
          map((delivery) => {
            if (forged.items.length === 2) return delivery;
            const copy = Object.assign(Object.create(null), { ...delivery, value: delivery.value });
            forged.add(copy);
            return copy as Delivery<Order>;
          }),
        ),
      )
      .run();
    await forged.reached(2);
    await allSettled(consumption);
    await consumption.close();
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("a delivery that an operator drops ends the stream with an error that names the operator to use", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(
      Order,
      orders(5, () => "hot"),
    );
    const consumption = stream(bus, Order, { group: "g", commitIntervalMs: 10, settleTimeoutMs: 50 })
      .pipe(filter((delivery) => delivery.value.amount !== 3))
      .run();
    const error = await consumption.closed.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(BusError);
    expect(error).toMatchObject({ code: "delivery_lost", details: { topic: "orders", offset: 3 } });
    expect((error as BusError).message).toContain("filterMessages");
    expect(await uncommitted("g", Order)).toBeGreaterThanOrEqual(2);
  });
});
