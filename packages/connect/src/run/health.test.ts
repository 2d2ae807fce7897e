import { memory } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import { describe, expect, it } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { ManualClock } from "../../../core/src/testing/manual-clock.js";
import { listSink } from "../../test/list-sink.js";
import { testBus } from "../../test/test-bus.js";
import { defineConnector } from "../define/define-connector.js";
import { connectRecord } from "../record.js";
import type { WriteOutcome } from "../sink/sink.js";
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

  it("is stalled by a write that does not end, counted from the record on", async () => {
    const { clock, bus } = setup();
    const sink = listSink<string>(() => never);
    const running = runConnector(bus, defineConnector({ name: "c", source: everySource(6_000, String), sink, stallAfterMs: 4_000 }));
    expect(await watch(clock, running, 9_500)).toEqual(["running", "running idle", "running"]);
    expect(await watch(clock, running, 2_000)).toEqual(["running", "running unhealthy stalled"]);
  });
});
