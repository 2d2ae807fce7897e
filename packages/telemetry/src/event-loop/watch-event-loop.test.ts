import { setTimeout } from "node:timers/promises";
import { type Contract, createBus, type Logger, memory } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { startTelemetry } from "../start-telemetry.js";

const encoder = new TextEncoder();
const contract = (topic: string): Contract<{ readonly id: string }> => ({
  typeName: `lab.v1.${topic}`,
  topic: { name: topic, partitions: 1, cleanup: "delete", owner: { team: "lab", channel: "#lab" } },
  sensitiveFields: [],
  validate: () => [],
  encode: (message) => encoder.encode(JSON.stringify(message)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
  key: () => null,
});

function compute(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

interface Line {
  readonly blockedMs?: number;
  readonly streams?: readonly string[];
}

describe("watchEventLoop", () => {
  it.each([
    ["at once", (ms: number) => compute(ms)],
    [
      "after a wait",
      async (ms: number) => {
        await setTimeout(1);
        compute(ms);
      },
    ],
  ])("names the stream whose handler computes %s, beside one that waits and one that is always busy", async (_, work) => {
    const { promise: warned, resolve: warn } = Promise.withResolvers<Line>();
    const logger: Logger = { debug() {}, info() {}, error() {}, warn: (fields) => warn(fields) };
    await using telemetry = startTelemetry({ service: "lab", prometheus: { port: 0 }, logger });
    const { prometheus } = await telemetry.listening;
    await using bus = createBus({ service: "lab", transport: memory() });
    const [Slow, Quick, Busy] = [contract("slow"), contract("quick"), contract("busy")];
    await bus.topics.ensure([Slow, Quick, Busy]);
    const { promise: end, resolve: release } = Promise.withResolvers<void>();
    bus.consume(Quick, { group: "waits" }, () => end);
    bus.consume(Slow, { group: "computes" }, () => work(5_000));
    let isOver = false;
    // before the bus is closed, which waits for them
    using _end = {
      [Symbol.dispose]() {
        isOver = true;
        release();
      },
    };
    bus.consume(Busy, { group: "busy" }, async () => {
      // its timers are due while the other computes, and run before anybody looks
      await setTimeout(1);
      if (!isOver) void bus.publish(Busy, { id: "c" });
    });
    await bus.publishAll(
      Busy,
      Array.from({ length: 10 }, () => ({ id: "c" })),
    );
    await bus.publish(Quick, { id: "a" });
    await bus.publish(Slow, { id: "b" });
    const line = await warned;
    expect(line).toEqual({ blockedMs: expect.any(Number), streams: ["computes: handler"] });
    expect(line.blockedMs).toBeGreaterThanOrEqual(4_000);
    const text = await (await fetch(`${prometheus}/metrics`)).text();
    expect(text).toMatch(/^bus_process_event_loop_blocked_total\{messaging_consumer_group_name="computes",bus_stage="handler".*\} 1$/m);
    expect(Number(/^nodejs_eventloop_delay_max\{.*\} (.*)$/m.exec(text)?.[1])).toBeGreaterThan(1);
  });
});
