import { createBus, createMemoryBroker, type Delivery, memory } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { Order } from "../../../test/order.js";
import type { DeliveryEvent } from "../event.js";
import { createDeliveryRecorder } from "./create-delivery-recorder.js";

const delivery = (offset: number, key: Uint8Array | null, signal = new AbortController().signal) =>
  ({ topic: "t", partition: 0, offset, key, signal }) as Delivery<unknown>;
const kinds = (events: readonly DeliveryEvent[]) => [...new Set(events.map(({ kind }) => kind))];

describe("createDeliveryRecorder", () => {
  it("notes how a handler starts and ends, with keys as text or in hexadecimal", async () => {
    const seen: DeliveryEvent[] = [];
    const recorder = createDeliveryRecorder({ clock: { now: () => 5 }, onEvent: (event) => seen.push(event) });
    const handler = recorder.handler((value: unknown) => {
      if (value === "bad") throw new Error("no");
      return 7;
    });
    expect(handler("good", delivery(0, new TextEncoder().encode("clé")))).toBe(7);
    expect(() => handler("bad", delivery(1, new Uint8Array([0xff, 0x01])))).toThrow("no");
    await recorder.stage("first", async () => {})("good", delivery(2, null));
    const [member, work] = ["main", { topic: "t", partition: 0 }];
    expect(recorder.events).toEqual([
      { kind: "started", atMs: 5, ...work, offset: 0, key: "clé", member },
      { kind: "ended", outcome: "settled", ...work, offset: 0, key: "clé", member },
      { kind: "started", atMs: 5, ...work, offset: 1, key: "0xff01", member },
      { kind: "ended", outcome: "failed", ...work, offset: 1, key: "0xff01", member },
      { kind: "started", atMs: 5, ...work, offset: 2, key: null, member, stage: "first" },
      { kind: "ended", outcome: "passed", ...work, offset: 2, key: null, member, stage: "first" },
    ]);
    expect(seen).toEqual(recorder.events);
  });

  it("takes what ends after its signal has fired for a failure", async () => {
    const recorder = createDeliveryRecorder();
    const handler = recorder.handler(async () => {});
    const batch = recorder.batch(async (values) => values.map(() => ({ ok: true })));
    await handler("late", delivery(0, null, AbortSignal.abort()));
    await batch(["in time", "late"], [delivery(1, null), delivery(2, null, AbortSignal.abort())]);
    expect(recorder.events.flatMap((event) => (event.kind === "ended" ? [`${event.offset} ${event.outcome}`] : []))).toEqual([
      "0 failed",
      "1 settled",
      "2 failed",
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
    recorder.closing();
    await consumption.close();
    expect(recorder.check({ concurrency: 7, maxDuplicates: 0, drainTimeoutMs: 30_000 })).toEqual({ violations: [], duplicates: 0, maxConcurrent: 7 });
    const committed = await transport.admin.committed("g", ["orders"]);
    expect(committed.reduce((sum, { offset }) => sum + offset, 0)).toBe(count);
    expect(recorder.events.filter(({ kind }) => kind === "published").length).toBe(count);
    expect(kinds(recorder.events).sort()).toEqual([
      "acknowledged",
      "assigned",
      "closing",
      "committed",
      "ended",
      "fenced",
      "published",
      "received",
      "started",
    ]);
    await bus.close();
  });

  it("tells members apart, sees dead letters, and hears nothing of a process that has crashed", async () => {
    const recorder = createDeliveryRecorder();
    const broker = createMemoryBroker({ sessionTimeoutMs: 5 });
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const member = (name: string) => {
      const [own, cluster] = [recorder.member(name), memory({ broker })];
      const bus = createBus({ service: name, transport: own.transport(cluster, ["orders"]), logger: quiet });
      const crash = () => {
        cluster.crash();
        own.crashed();
      };
      return { own, bus, crash };
    };
    const [first, second] = [member("first"), member("second")];
    await first.bus.topics.ensure([Order]);
    await first.bus.publish(Order, { id: "a", amount: 1 });
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const handler = first.own.handler(() => {
      entered.resolve();
      return gate.promise;
    });
    first.bus.consume(Order, { group: "g" }, handler);
    await entered.promise;
    first.crash();
    gate.resolve();
    const failing = second.own.handler(() => {
      throw new Error("no");
    });
    const consumption = second.bus.consume(Order, { group: "g", failure: { attempts: 1 } }, failing);
    while (!recorder.events.some(({ kind, ...event }) => kind === "ended" && "outcome" in event && event.outcome === "settled")) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await consumption.close();
    await second.bus.close();
    expect(recorder.check({ concurrency: 1 }).violations).toEqual([]);
    const works = recorder.events.filter((event) => event.kind === "started" || event.kind === "ended" || event.kind === "crashed");
    expect(works.map((event) => [event.kind, event.member, "assignment" in event, "outcome" in event && event.outcome])).toEqual([
      ["started", "first", true, false],
      ["crashed", "first", false, false],
      ["started", "second", true, false],
      ["ended", "second", true, "failed"],
      ["ended", undefined, false, "settled"],
    ]);
  });
});
