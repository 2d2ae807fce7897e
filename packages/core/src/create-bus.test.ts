import { describe, expect, it } from "vitest";
import type { Bus } from "./bus.js";
import { busInternals } from "./bus-internals.js";
import { createBus } from "./create-bus.js";
import type { BusError } from "./errors.js";
import { ManualClock } from "./testing/manual-clock.js";
import { failure, reading } from "./testing/publisher-setup.js";
import { CurrentReading, Reading } from "./testing/reading.js";
import { memory } from "./transport/memory/memory.js";

function received<T>(count: number): { readonly all: T[]; readonly add: (value: T) => void; readonly done: Promise<void> } {
  const all: T[] = [];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const add = (value: T) => {
    all.push(value);
    if (all.length === count) resolve();
  };
  return { all, add, done };
}

describe("createBus", () => {
  it("publishes and consumes in memory when no transport is given", async () => {
    await using bus = createBus({ service: "lab" });
    await bus.topics.ensure([Reading]);
    const { all, add, done } = received<number>(3);
    const consumption = bus.consume(Reading, { group: "g" }, ({ celsius }) => add(celsius));
    await consumption.started;
    await bus.publish(Reading, reading("a", 1));
    await bus.publishAll(Reading, [reading("a", 2), reading("a", 3)]);
    await done;
    expect(all).toEqual([1, 2, 3]);
  });

  it("delivers a tombstone as undefined", async () => {
    await using bus = createBus({ service: "lab" });
    await bus.topics.ensure([CurrentReading]);
    const { all, add, done } = received<unknown>(2);
    bus.consume(CurrentReading, { group: "g" }, (value) => add(value));
    await bus.publish(CurrentReading, reading("a", 1));
    await bus.publishTombstone(CurrentReading, "a");
    await done;
    expect(all).toEqual([reading("a", 1), undefined]);
  });

  it("sends to a topic that did not exist as soon as topics.ensure has made it", async () => {
    await using bus = createBus({ service: "lab", clock: new ManualClock(), transport: memory() });
    expect((await failure(bus.publish(Reading, reading("a")))).code).toBe("unknown_topic");
    await bus.topics.ensure([Reading]);
    expect((await bus.publish(Reading, reading("a"))).offset).toBe(0);
  });

  it("reports all faults of its options at once", () => {
    // the types refuse it; a caller in JavaScript can pass it
    const wrong = { service: "", transport: {}, publish: { lingerMs: -1 }, logger: { warn: 1 }, brokers: [] } as unknown as { service: string };
    const make = () => createBus(wrong);
    expect(make).toThrow(
      /^createBus: service "" must not be empty; transport must be a Transport, such as memory\(\) or kafka\(\{ brokers \}\); publish\.lingerMs -1 /,
    );
    expect(make).toThrow(/logger must have the methods debug, info, warn and error/);
    expect(make).toThrow(/brokers/);
  });

  it("closes what consumes, then what publishes, then the transport, once", async () => {
    const steps: string[] = [];
    const transport = memory();
    const watched = {
      ...transport,
      async createProducer() {
        const producer = await transport.createProducer();
        const close = () => producer.close().then(() => void steps.push("producer"));
        return { send: producer.send.bind(producer), close };
      },
      close: () => transport.close().then(() => void steps.push("transport")),
    };
    const bus = createBus({ service: "lab", transport: watched });
    await bus.topics.ensure([Reading]);
    const consumption = bus.consume(Reading, { group: "g" }, () => {});
    void consumption.closed.then(() => steps.push("consumption"));
    await bus.publish(Reading, reading("a"));
    await Promise.all([bus.close(), bus.close()]);
    expect(steps).toEqual(["consumption", "producer", "transport"]);
    const consume = () => bus.consume(Reading, { group: "g" }, () => {});
    expect(consume).toThrow("group g cannot consume: the bus is closed");
    expect((await failure(bus.publish(Reading, reading("a")))).code).toBe("closed");
  });

  it("closes the transport also when something else does not close, and says what", async () => {
    const transport = memory();
    let closed = false;
    const broken = {
      ...transport,
      createProducer: async () => ({
        send: (await transport.createProducer()).send,
        close: () => Promise.reject(new Error("stuck")),
      }),
      close: async () => {
        closed = true;
      },
    };
    const bus = createBus({ service: "lab", transport: broken });
    await bus.publish(Reading, reading("a")).catch(() => {});
    const error: BusError = await failure(bus.close());
    expect([error.code, error.message, closed]).toEqual(["transport_failed", "stuck", true]);
  });
});

describe("busInternals", () => {
  it("refuses what is no bus", () => {
    expect(() => busInternals({} as Bus)).toThrow("the bus must be one that createBus has made");
  });
});
