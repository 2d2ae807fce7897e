import { BusError, type JsonValue, memory } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import { describe, expect, it } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { ManualClock } from "../../../core/src/testing/manual-clock.js";
import { listSink } from "../../test/list-sink.js";
import { testBus } from "../../test/test-bus.js";
import { defineConnector } from "../define/define-connector.js";
import { MemoryPositions } from "../positions/memory-positions.js";
import type { PositionStore } from "../positions/position-store.js";
import { connectRecord } from "../record.js";
import type { Sink, WriteOutcome } from "../sink/sink.js";
import type { Source, SourceContext } from "../source/source.js";
import { toTopic } from "../topic/to-topic.js";
import { runConnector } from "./run-connector.js";
import type { RunningConnector } from "./running-connector.js";

const never = new Promise<never>(() => {});
const held: WriteOutcome = { status: "held" };

/** One record every so often. */
function everySource<T>(everyMs: number, valueAt: (index: number) => T): Source<T> {
  return {
    name: "every",
    replayable: true,
    async *read({ position, signal, clock }: SourceContext) {
      for (let index = typeof position === "number" ? position : 0; ; index++) {
        await sleep(clock, everyMs, signal);
        if (signal.aborted) return;
        yield { records: [connectRecord({ value: valueAt(index), id: `e:${index}` })], position: index + 1 };
      }
    },
  };
}

function setup() {
  const clock = new ManualClock();
  const transport = memory({ clock });
  return { clock, transport, bus: testBus([Order], transport, clock) };
}

/** What its only task says while `ms` go by, each time that it says something else. */
async function watch(clock: ManualClock, running: RunningConnector, ms: number): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let at = 0; at < ms; at += 250) {
    await clock.advance(250);
    const { healthy, tasks } = running.status();
    const [task] = tasks;
    const says = `${task?.state}${healthy ? "" : " unhealthy"}${task?.stalled ? " stalled" : ""}${task?.idle ? " idle" : ""}`;
    if (says !== seen.at(-1)) seen.push(says);
  }
  return seen;
}

describe("the health of a connector", () => {
  it("counts what is settled and not committed as in flight, and tells that it is stalled", async () => {
    const { clock, transport, bus } = setup();
    let isFrozen = true;
    const create = transport.createTransactionalProducer?.bind(transport);
    const frozen = Promise.withResolvers<void>();
    transport.createTransactionalProducer = async (options) => {
      const producer = await create?.(options);
      if (producer === undefined) throw new Error("no transactions");
      return {
        close: () => producer.close(),
        async commit(transaction, committing) {
          if (isFrozen) await frozen.promise;
          await producer.commit(transaction, committing);
        },
      };
    };
    const source = everySource(100, (index) => ({ id: `o${index}`, amount: 1 }));
    const running = runConnector(bus, defineConnector({ name: "c", source, sink: toTopic(Order), stallAfterMs: 4_000 }));
    expect(await watch(clock, running, 8_000)).toEqual(["running", "running unhealthy stalled"]);
    const [task] = running.status().tasks;
    expect({ ...task, written: task?.written, isBehind: task?.inFlight === task?.read }).toMatchObject({ written: 0, isBehind: true, read: 80 });
    expect(bus.transport.broker.records("orders")).toEqual([]);

    isFrozen = false;
    frozen.resolve();
    expect(await watch(clock, running, 8_000)).toEqual(["running"]);
    const [after] = running.status().tasks;
    expect(after?.written).toBe(bus.transport.broker.records("orders").length);
    expect(after?.written).toBeGreaterThan(150);
    expect(after?.inFlight).toBeLessThan(5);
    running.pause();
    await clock.advance(1_000);
    expect(running.status().tasks[0]).toMatchObject({ state: "paused", inFlight: 0, stalled: false });
  });

  it("is not stalled by a record that comes after a quiet time, and waits for a flush", async () => {
    const { clock, bus } = setup();
    const connector = defineConnector({
      name: "c",
      source: everySource(6_000, String),
      sink: listSink<string>(() => held),
      stallAfterMs: 4_000,
      flushIntervalMs: 2_500,
    });
    const running = runConnector(bus, connector);
    expect(await watch(clock, running, 20_000)).toEqual(["running", "running idle", "running", "running idle", "running", "running idle", "running"]);
  });

  it("is not stalled by transforms that drop everything", async () => {
    const { clock, bus } = setup();
    const lookup = {
      name: "lookup",
      async apply() {
        await sleep(clock, 15);
        return [];
      },
    };
    const connector = defineConnector({ name: "c", source: everySource(20, String), transforms: [lookup], sink: listSink(), stallAfterMs: 1_000 });
    const running = runConnector(bus, connector);
    expect(await watch(clock, running, 5_000)).toEqual(["running"]);
    expect(running.status().tasks[0]).toMatchObject({ written: 0, lastWrittenAt: undefined });
  });

  it("tells what is tried again while it runs: as its last error, and in one line of the log", async () => {
    const { clock, bus } = setup();
    const sink = listSink<string>(() => ({ status: "retriable", error: new Error("connection refused") }));
    const running = runConnector(bus, defineConnector({ name: "c", source: everySource(500, String), sink }));
    expect(await watch(clock, running, 9_000)).toEqual(["running"]);
    const message = "list could not write e:0: connection refused";
    expect(running.status()).toMatchObject({ lastError: { message }, tasks: [{ state: "running", lastError: { message } }] });
    const told = () => bus.lines.filter((line) => line.message === "a record failed and is tried again");
    expect(told()).toMatchObject([{ level: "warn", fields: { connector: "c", task: "0", error: message, suppressed: 0 } }]);
    await clock.advance(10_000);
    expect(told()).toMatchObject([{ fields: { suppressed: 0 } }, { fields: { suppressed: expect.any(Number) } }]);
    expect(told()[1]?.fields.suppressed).toBeGreaterThan(1);
  });

  it("fails when its position cannot be stored, however much it writes meanwhile", async () => {
    const { clock, bus } = setup();
    const stored = new MemoryPositions();
    const positions: PositionStore = {
      stored: (connector) => stored.stored(connector),
      open: async (connector) => Object.assign(await stored.open(connector), { store: () => Promise.reject(new Error("no space left on device")) }),
    };
    const restart = { attempts: 3, initialBackoffMs: 1_000, maxBackoffMs: 1_000 };
    const connector = defineConnector({ name: "c", source: everySource(50, String), sink: listSink(), restart });
    const running = runConnector(bus, connector, { positions });
    expect(await watch(clock, running, 60_000)).toEqual([
      ...["running", "restarting", "running", "restarting", "running", "restarting", "running"],
      "failed unhealthy",
    ]);
    const message = "a position could not be stored, 5 times in a row: no space left on device";
    expect(running.status()).toMatchObject({ lastError: { message }, tasks: [{ restarts: 3 }] });
    expect(running.status().tasks[0]?.written).toBeGreaterThan(10);
  });

  it.each([
    ["at least once", listSink<unknown>()],
    ["exactly once", toTopic(Order) as Sink<unknown>],
  ])("fails at once for a position that is no JSON, %s", async (_, sink) => {
    const { clock, bus } = setup();
    const source: Source<unknown> = {
      name: "big",
      replayable: true,
      async *read({ signal }) {
        // the mistake that is meant: the types refuse it, JavaScript does not
        yield { records: [connectRecord({ value: { id: "a", amount: 1 }, id: "a" })], position: 7n as unknown as JsonValue };
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      },
    };
    const running = runConnector(bus, defineConnector({ name: "c", source, sink }));
    expect((await watch(clock, running, 5_000)).at(-1)).toBe("failed unhealthy");
    expect(running.status().lastError?.message).toContain("the position that source big gave of split 0 cannot be stored, it must be JSON: ");
    expect(running.status().tasks[0]?.restarts).toBe(0);
  });

  it("counts what the engine would begin anew for as its own restarts, and fails after so many", async () => {
    const { clock, transport, bus } = setup();
    transport.createTransactionalProducer = () => Promise.reject(new BusError("transport_failed", "no coordinator", { retryable: true }));
    const source = everySource(50, (index) => ({ id: `o${index}`, amount: 1 }));
    const restart = { attempts: 2, initialBackoffMs: 1_000, maxBackoffMs: 1_000 };
    const running = runConnector(bus, defineConnector({ name: "c", source, sink: toTopic(Order), restart }));
    expect(await watch(clock, running, 60_000)).toEqual(["restarting", "failed unhealthy"]);
    expect(running.status()).toMatchObject({ lastError: { message: "no coordinator" }, tasks: [{ restarts: 2 }] });
  });

  it("is stalled by a write that does not end, counted from the record on", async () => {
    const { clock, bus } = setup();
    const sink = listSink<string>(() => never);
    const running = runConnector(bus, defineConnector({ name: "c", source: everySource(6_000, String), sink, stallAfterMs: 4_000 }));
    expect(await watch(clock, running, 9_500)).toEqual(["running", "running idle", "running"]);
    expect(await watch(clock, running, 2_000)).toEqual(["running", "running unhealthy stalled"]);
  });
});
