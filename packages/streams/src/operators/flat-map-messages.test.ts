import { describe, expect, test } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { collector } from "../../test/collector.js";
import { allSettled, fixture } from "../../test/fixture.js";
import { flatMapMessages, mapMessages, stream, tapMessages } from "../index.js";

const parts = (order: Order) => Array.from({ length: order.amount }, (_, index) => `${order.id}/${index}`);

describe("flatMapMessages", () => {
  test.each([
    ["an array", parts],
    ["a promise of one", async (order: Order) => parts(order)],
    ["a generator", (order: Order) => parts(order).values()],
  ])("hands on the values of %s in their order, and settles a message without any", async (_, fn) => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(Order, [
      { id: "a", amount: 3 },
      { id: "b", amount: 0 },
      { id: "a", amount: 2 },
    ]);
    const seen = collector<string>();
    const consumption = stream(bus, Order, { group: "g" }).pipe(flatMapMessages(fn), tapMessages(seen.add)).run();
    await allSettled(consumption);
    await consumption.close();
    expect(seen.items).toEqual(["a/0", "a/1", "a/2", "a/0", "a/1"]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("settles a message only when all that came of it is settled", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publish(Order, { id: "a", amount: 3 });
    const held = collector<() => void>();
    const consumption = stream(bus, Order, { group: "g", commitIntervalMs: 1 })
      .pipe(
        flatMapMessages(parts),
        mapMessages(() => new Promise<void>((resolve) => held.add(resolve))),
      )
      .run();
    const frontier = () => consumption.explain().partitions.reduce((sum, partition) => sum + partition.frontier, 0);
    for (const running of [1, 2, 3]) {
      await held.reached(running);
      expect(frontier()).toBe(0);
      held.items[running - 1]?.();
    }
    await consumption.close();
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("one child that fails for good sends the message to the dead letter once; its siblings go on", async () => {
    const { bus, records, uncommitted } = await fixture();
    await bus.publishAll(Order, [
      { id: "a", amount: 3 },
      { id: "b", amount: 1 },
    ]);
    const seen = collector<string>();
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 1 } })
      .pipe(
        flatMapMessages(parts),
        mapMessages((part) => {
          if (part === "a/0" || part === "a/1") throw new Error("cannot be mapped");
          return part;
        }),
        tapMessages(seen.add),
      )
      .run();
    await allSettled(consumption);
    await consumption.close();
    expect([...seen.items].sort()).toEqual(["a/2", "b/0"]);
    const dead = await records("orders.g.dlq", 1);
    expect(dead.map((record) => new TextDecoder().decode(record.key ?? undefined))).toEqual(["a"]);
    expect(await uncommitted("g", Order)).toBe(0);
  });
});
