import { createBus, type Delivery, memory } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { Order } from "../../test/order.js";
import { createDeliveryRecorder } from "./create-delivery-recorder.js";

const delivery = (offset: number, key: Uint8Array | null) => ({ topic: "t", partition: 0, offset, key }) as Delivery<unknown>;

describe("createDeliveryRecorder", () => {
  it("notes how a handler starts and ends, with keys as text or in hexadecimal", async () => {
    const recorder = createDeliveryRecorder();
    const handler = recorder.handler((value) => {
      if (value === "bad") throw new Error("no");
    });
    await handler("good", delivery(0, new TextEncoder().encode("clé")));
    await expect(handler("bad", delivery(1, new Uint8Array([0xff, 0x01])))).rejects.toThrow("no");
    await handler("good", delivery(2, null));
    expect(recorder.events.map(({ kind, offset, ...rest }) => [kind, offset, "key" in rest && rest.key, "outcome" in rest && rest.outcome])).toEqual([
      ["started", 0, "clé", false],
      ["ended", 0, "clé", "settled"],
      ["started", 1, "0xff01", false],
      ["ended", 1, "0xff01", "failed"],
      ["started", 2, null, false],
      ["ended", 2, null, "settled"],
    ]);
  });

  it("follows a bus from publish to commit", async () => {
    const recorder = createDeliveryRecorder();
    const transport = recorder.transport(memory(), ["orders"]);
    const bus = createBus({ service: "t", transport });
    await bus.topics.ensure([Order]);
    const count = 200;
    let handled = 0;
    let finish = () => {};
    const all = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const consumption = bus.consume(
      Order,
      { group: "g", concurrency: 7 },
      recorder.handler(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        handled += 1;
        if (handled === count) finish();
      }),
    );
    await bus.publishAll(
      Order,
      Array.from({ length: count }, (_, index) => ({ id: `key ${index % 11}`, amount: index })),
    );
    await all;
    await consumption.close();
    expect(recorder.check({ concurrency: 7, maxDuplicates: 0 })).toEqual({ violations: [], duplicates: 0, maxConcurrent: 7 });
    const committed = await transport.admin.committed("g", ["orders"]);
    expect(committed.reduce((sum, { offset }) => sum + offset, 0)).toBe(count);
    expect(recorder.events.filter(({ kind }) => kind === "published").length).toBe(count);
    expect(recorder.events.some(({ kind }) => kind === "committed")).toBe(true);
    await bus.close();
  });
});
