import { describe, expect, test } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { collector } from "../../test/collector.js";
import { fixture, orders } from "../../test/fixture.js";
import { filterMessages, stream, tapMessages } from "../index.js";

describe("filterMessages", () => {
  test.each([
    ["a boolean", (order: Order) => order.amount % 2 === 0],
    ["a promise", async (order: Order) => order.amount % 2 === 0],
  ])("passes on what a predicate that answers with %s keeps, and settles the rest", async (_, predicate) => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(Order, orders(21));
    const seen = collector<number>();
    const asked = collector<Order>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        tapMessages(asked.add),
        filterMessages(predicate),
        tapMessages((order) => seen.add(order.amount)),
      )
      .run();
    await asked.reached(21);
    await consumption.close();
    expect([...seen.items].sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("a predicate that throws is a failure of its message", async () => {
    const { bus, records } = await fixture();
    await bus.publish(Order, { id: "a", amount: 1 });
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 1 } })
      .pipe(
        filterMessages(() => {
          throw new Error("no answer");
        }),
      )
      .run();
    const [dead] = await records("orders.g.dlq", 1);
    await consumption.close();
    expect(new TextDecoder().decode(dead?.key ?? undefined)).toBe("a");
  });
});
