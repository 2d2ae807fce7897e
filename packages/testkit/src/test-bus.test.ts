import { describe, expect, it } from "vitest";
import { Order } from "../test/order.js";
import { testBus } from "./test-bus.js";
import { virtualClock } from "./virtual-clock.js";

describe("testBus", () => {
  it("publishes, shows what was published, and consumes", async () => {
    await using bus = testBus({ contracts: [Order] });
    await bus.publish(Order, { id: "a", amount: 1 });
    await expect(bus.publish(Order, { id: "b", amount: -1 })).rejects.toMatchObject({ code: "contract_violation" });
    expect(bus.messages(Order)).toEqual([{ id: "a", amount: 1 }]);

    const handled = new Promise((resolve) => {
      bus.consume(Order, { group: "g" }, resolve);
    });
    expect(await handled).toEqual({ id: "a", amount: 1 });
  });

  it("refuses a contract without a topic", () => {
    const { topic: _topic, ...part } = Order;
    expect(() => testBus({ contracts: [part] })).toThrow("testBus: shop.v1.Order has no topic: give its message option (org.bus.v1.topic)");
  });

  it("runs on a virtual clock: a retry that would take a minute takes none", async () => {
    const clock = virtualClock();
    const bus = testBus({ contracts: [Order], clock });
    const begin = clock.now();
    const attempts: number[] = [];
    const handled = new Promise<void>((resolve) => {
      bus.consume(
        Order,
        { group: "g", failure: { attempts: 2, initialBackoffMs: 60_000, maxBackoffMs: 60_000, jitter: 0 } },
        (_order, { attempt }) => {
          attempts.push(attempt);
          if (attempt === 1) throw new Error("not yet");
          resolve();
        },
      );
    });
    await clock.runUntilSettled(bus.publish(Order, { id: "a", amount: 1 }));
    await clock.runUntilSettled(handled);
    expect(attempts).toEqual([1, 2]);
    expect(clock.now() - begin).toBeGreaterThanOrEqual(60_000);
    await clock.runUntilSettled(bus.close());
    expect(clock.pending).toBe(0);
  });
});
