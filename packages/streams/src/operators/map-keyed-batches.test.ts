import { BusError } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { collector } from "../../test/collector.js";
import { fixture, orders } from "../../test/fixture.js";
import { type BatchOutcome, mapKeyedBatches, stream, tapMessages } from "../index.js";

const ok = <T>(value: T): BatchOutcome<T> => ({ ok: true, value });

describe("mapKeyedBatches", () => {
  test("takes all that waits for a key at once, up to maxBatch", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publish(Order, { id: "hot", amount: 0 });
    const calls = collector<readonly number[]>();
    const seen = collector<number>();
    const first = Promise.withResolvers<void>();
    const consumption = stream(bus, Order, { group: "g" })
      .pipe(
        mapKeyedBatches(
          async (values) => {
            calls.add(values.map((order) => order.amount));
            await first.promise;
            return values.map((order) => ok(order.amount));
          },
          { concurrency: 4, maxBatch: 10 },
        ),
        tapMessages(seen.add),
      )
      .run();
    await calls.reached(1);
    await bus.publishAll(
      Order,
      orders(25, () => "hot"),
    );
    while (consumption.explain().waiting < 25) await new Promise(setImmediate);
    first.resolve();
    await seen.reached(26);
    await consumption.close();
    expect(calls.items.map((amounts) => amounts.length)).toEqual([1, 10, 10, 5]);
    expect(calls.items.slice(1).flat()).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("a message whose outcome is a failure is retried by itself and dead-lettered; the others of its batch go on", async () => {
    const { bus, records, uncommitted } = await fixture();
    await bus.publishAll(
      Order,
      orders(5, () => "hot"),
    );
    const calls: (readonly number[])[] = [];
    const seen = collector<number>();
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 2, initialBackoffMs: 1 } })
      .pipe(
        mapKeyedBatches((values) => {
          calls.push(values.map((order) => order.amount));
          return values.map((order): BatchOutcome<number> => (order.amount === 2 ? { ok: false, error: new Error("bad row") } : ok(order.amount)));
        }),
        tapMessages(seen.add),
      )
      .run();
    await seen.reached(4);
    const [dead] = await records("orders.g.dlq", 1);
    await consumption.close();
    expect(seen.items).toEqual([0, 1, 3, 4]);
    expect(JSON.parse(new TextDecoder().decode(dead?.value ?? undefined))).toEqual({ id: "hot", amount: 2 });
    expect(calls.filter((amounts) => amounts.includes(2)).at(-1)).toEqual([2]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("after a throw each message of the batch is tried singly", async () => {
    const { bus, uncommitted } = await fixture();
    await bus.publishAll(
      Order,
      orders(4, () => "hot"),
    );
    const calls: (readonly number[])[] = [];
    const seen = collector<number>();
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 3, initialBackoffMs: 1 } })
      .pipe(
        mapKeyedBatches((values) => {
          calls.push(values.map((order) => order.amount));
          if (values.length > 1) throw new Error("this many at once cannot be written");
          return values.map((order) => ok(order.amount));
        }),
        tapMessages(seen.add),
      )
      .run();
    await seen.reached(4);
    await consumption.close();
    expect(seen.items).toEqual([0, 1, 2, 3]);
    expect(calls).toEqual([[0, 1, 2, 3], [0], [1], [2], [3]]);
    expect(await uncommitted("g", Order)).toBe(0);
  });

  test("an answer of another length than the batch is a failure of all of it", async () => {
    const { bus, records } = await fixture();
    await bus.publishAll(
      Order,
      orders(2, () => "hot"),
    );
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 1 } })
      .pipe(mapKeyedBatches(() => []))
      .run();
    expect(await records("orders.g.dlq", 2)).toHaveLength(2);
    await consumption.close();
  });

  test("refuses options that make no sense", () => {
    const attempt = () => mapKeyedBatches(() => [], { maxBatch: 0 });
    expect(attempt).toThrow(BusError);
    expect(attempt).toThrow("mapKeyedBatches: maxBatch 0 must be a whole number >= 1");
  });
});
