import { describe, expect, test } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { collector } from "../../test/collector.js";
import { fixture } from "../../test/fixture.js";
import { mapMessages, stream, tapMessages } from "../index.js";

describe("tapMessages", () => {
  test("waits for the effect, then passes on the message as it came", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publish(Order, { id: "a", amount: 1 });
    const log: string[] = [];
    const seen = collector<Order>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        tapMessages(async (order) => {
          log.push("begin");
          await new Promise(setImmediate);
          log.push("end");
          return order.amount + 1;
        }),
        mapMessages((order) => {
          log.push("after");
          seen.add(order);
        }),
      )
      .run();
    await seen.reached(1);
    await consumption.close();
    expect(log).toEqual(["begin", "end", "after"]);
    expect(seen.items).toEqual([{ id: "a", amount: 1 }]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("an effect that fails at first is tried again", async () => {
    const { bus } = await fixture();
    await bus.publish(Order, { id: "a", amount: 1 });
    const attempts = collector<number>();
    const done = collector<Order>();
    const consumption = stream(bus, Order, { group: "g", failure: { initialBackoffMs: 1 } })
      .pipe(
        tapMessages(async (_, delivery) => {
          attempts.add(delivery.attempt);
          if (delivery.attempt === 1) throw new Error("not yet");
        }),
        tapMessages(done.add),
      )
      .run();
    await done.reached(1);
    await consumption.close();
    expect(attempts.items).toEqual([1, 2]);
  });
});
