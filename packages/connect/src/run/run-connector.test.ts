import { once } from "node:events";
import { headerText } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { Order } from "../../../../test/support/json-contract.js";
import { listSink } from "../../test/list-sink.js";
import { listSource } from "../../test/list-source.js";
import { testBus } from "../../test/test-bus.js";
import { defineConnector } from "../define/define-connector.js";
import { MemoryPositions } from "../positions/memory-positions.js";
import type { PositionStore } from "../positions/position-store.js";
import { connectRecord } from "../record.js";
import type { WriteOutcome } from "../sink/sink.js";
import type { Source } from "../source/source.js";
import { fromTopic } from "../topic/from-topic.js";
import { toTopic } from "../topic/to-topic.js";
import { filter } from "../transform/filter.js";
import { flatten } from "../transform/flatten.js";
import { map } from "../transform/map.js";
import { dryRun } from "./dry-run/dry-run.js";
import { runConnector } from "./run-connector.js";

const order = (id: string, amount = 1): Order => ({ id, amount });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const quick = { attempts: 3, initialBackoffMs: 1, maxBackoffMs: 2 };
const written: WriteOutcome = { status: "written" };

describe("runConnector", () => {
  it("reads a source to its end, transforms and writes it, acknowledges in order and stores where it is", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(7) } });
    const sink = listSink<number>();
    const positions = new MemoryPositions();
    const connector = defineConnector({
      name: "c",
      source,
      transforms: [filter((value: number) => value !== 3), map((value: number) => value * 10), flatten((value: number) => [value, value + 1])],
      sink,
    });
    const running = runConnector(bus, connector, { positions });
    await running.finished;
    expect(sink.values).toEqual([0, 1, 10, 11, 20, 21, 40, 41, 50, 51, 60, 61]);
    expect(
      sink.batches
        .flat()
        .map(({ id }) => id)
        .slice(0, 3),
    ).toEqual(["a:0#0", "a:0#1", "a:1#0"]);
    expect(source.acknowledged).toEqual(["a:2", "a:4", "a:6", "a:7"]);
    expect(positions.of("c")).toEqual(new Map([["a", { position: 7, offset: 7 }]]));
    expect(running.status()).toMatchObject({
      state: "completed",
      healthy: true,
      tasks: [{ id: "a", read: 7, written: 12, progress: { done: 7, total: 7 } }],
    });
    expect([sink.opened, sink.closed, source.ended]).toEqual([1, 1, ["a"]]);
  });

  it.each([
    { splits: [{ id: "a" }, { id: "a" }], fault: "two have the id a; give each its own" },
    { splits: [{ id: "a" }, null], fault: "the one at 1 has no id; give each a text that stays the same" },
    { splits: [{ id: 7 }], fault: "the one at 0 has no id; give each a text that stays the same" },
    { splits: undefined, fault: "must be a list, not undefined" },
  ])("refuses splits that cannot be told apart: $splits", async ({ splits, fault }) => {
    await using bus = testBus();
    // as a source in plain JavaScript may answer
    const source = { ...listSource({ lists: { a: ["a0"] } }), splits: async () => splits as never };
    const connector = defineConnector({ name: "c", source, sink: listSink<string>() });
    const expected = { code: "invalid_options", message: `splits of source list: ${fault}` };
    await expect(runConnector(bus, connector).finished).rejects.toMatchObject(expected);
    await expect(dryRun(bus, connector).next()).rejects.toMatchObject(expected);
  });

  it("goes on behind the stored position", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(6) } });
    const positions = new MemoryPositions();
    await (await positions.open("c")).store("a", { position: 4, offset: 4 });
    const sink = listSink<number>();
    await runConnector(bus, defineConnector({ name: "c", source, sink }), { positions }).finished;
    expect(sink.values).toEqual([4, 5]);
    expect(source.started).toEqual([{ split: "a", position: 4 }]);
  });

  it("stores no position that is stored already", async () => {
    await using bus = testBus();
    const positions = new MemoryPositions();
    const stored: unknown[] = [];
    const counting: PositionStore = {
      stored: (connector) => positions.stored(connector),
      async open(connector) {
        const opened = await positions.open(connector);
        const store = opened.store.bind(opened);
        opened.store = async (split, position) => {
          stored.push(position.position);
          await store(split, position);
        };
        return opened;
      },
    };
    const source: Source<number> = {
      name: "list",
      replayable: true,
      bounded: true,
      async *read({ position }) {
        if (position === undefined) yield { records: [connectRecord({ value: 1, id: "1" })], position: { file: "f", rows: 1 } };
        yield { records: [], position: { rows: 1, file: "f" } };
      },
    };
    for (let times = 0; times < 2; times++)
      await runConnector(bus, defineConnector({ name: "c", source, sink: listSink<number>() }), { positions: counting }).finished;
    expect(stored).toEqual([{ file: "f", rows: 1 }]);
    expect((await positions.stored("c")).get("0")?.position).toEqual({ file: "f", rows: 1 });
  });

  it("stores no position past a record that is not written, and gives its batch back", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(6) } });
    const positions = new MemoryPositions();
    const sink = listSink<number>(({ value }) => (value === 3 ? { status: "rejected", error: new Error("no threes") } : written));
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, batch: { maxRecords: 1 } }), { positions });
    await expect(running.finished).rejects.toThrow(
      "task a of c has failed: list failed on c[0] offset 3 after 1 attempt: list refused a:3: no threes",
    );
    expect(positions.of("c").get("a")?.position).toBe(2);
    expect(source.acknowledged).toEqual(["a:2"]);
    expect(source.released).toContain("a:4");
    expect(running.status()).toMatchObject({ state: "failed", healthy: false });
    expect(bus.lines.some(({ level, message, fields }) => level === "error" && message === "the task has failed" && fields.task === "a")).toBe(true);
  });

  it("tries again what may pass, and writes what follows in its key after it", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: ["x1", "y1", "x2", "y2", "x3"] }, batch: 5, keyOf: (value) => value.slice(0, 1) });
    let failures = 2;
    const sink = listSink<string>(({ value }) => (value === "x1" && failures-- > 0 ? { status: "retriable", error: new Error("busy") } : written));
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, failure: quick }));
    await running.finished;
    const last = (key: string) => sink.values.filter((value) => value.startsWith(key)).slice(-3);
    expect(last("x")).toEqual(["x1", "x2", "x3"]);
    expect(last("y")).toEqual(["y1", "y2"]);
    expect(running.status().tasks[0]?.retried).toBe(2);
  });

  it("tolerates: writes dead letters of what is refused, with stage, cause and original, and goes on", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(5) } });
    const sink = listSink<number>(({ value }) => (value === 3 ? { status: "rejected", error: new Error("no threes") } : written));
    const odd = map((value: number) => {
      if (value === 1) throw new TypeError("no ones");
      return value;
    });
    await runConnector(bus, defineConnector({ name: "c", source, transforms: [odd], sink, failure: { ...quick, tolerate: "all" } })).finished;
    expect(sink.values).toEqual([0, 2, 4]);
    const letters = bus.transport.broker.records("c.dlq").map(({ value, headers }) => ({
      value: Buffer.from(value ?? []).toString(),
      stage: headerText(headers, "bus-dlq-stage"),
      id: headerText(headers, "bus-dlq-source-id"),
      message: headerText(headers, "bus-dlq-error-message"),
    }));
    expect(letters.toSorted((a, b) => a.value.localeCompare(b.value))).toEqual([
      { value: "1", stage: "transform map", id: "a:1", message: "transform map failed on a:1: no ones" },
      { value: "3", stage: "list", id: "a:3", message: "list refused a:3: no threes" },
    ]);
    expect(source.acknowledged.at(-1)).toBe("a:5");
  });

  it("restarts a task whose source or sink is away, from the stored position, and fails it after so many times", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(4) } });
    let away = 2;
    const sink = listSink<number>();
    const open = sink.open.bind(sink);
    sink.open = (context) => (away-- > 0 ? Promise.reject(new Error("connection refused")) : open(context));
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, restart: { initialBackoffMs: 1 } }));
    await running.finished;
    expect(sink.values).toEqual([0, 1, 2, 3]);
    expect(running.status().tasks[0]).toMatchObject({ restarts: 2, lastError: { message: "connection refused" } });

    away = Number.POSITIVE_INFINITY;
    const failing = runConnector(bus, defineConnector({ name: "d", source, sink, restart: { attempts: 3, initialBackoffMs: 1 } }));
    await expect(failing.finished).rejects.toThrow("task a of d has failed: connection refused");
    expect(failing.status()).toMatchObject({ state: "failed", healthy: false, tasks: [{ restarts: 3 }] });
  });

  it("acknowledges what a sink holds only when it has flushed, and flushes at the end", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(6) }, bounded: false });
    const positions = new MemoryPositions();
    const sink = listSink<number>(() => ({ status: "held" }));
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, flushIntervalMs: 1_000_000 }), { positions });
    await expect.poll(() => sink.values.length).toBe(6);
    expect([sink.flushes, source.acknowledged, positions.of("c").size]).toEqual([0, [], 0]);
    await running.stop();
    expect(sink.flushes).toBeGreaterThan(0);
    expect(positions.of("c").get("a")?.position).toBe(6);
    expect(source.acknowledged.at(-1)).toBe("a:6");
  });

  it("flushes what is held when reading is held back for want of it", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(100) } });
    const sink = listSink<number>(() => ({ status: "held" }));
    const connector = defineConnector({ name: "c", source, sink, flushIntervalMs: 1_000_000, maxInFlight: { records: 10 } });
    await using running = runConnector(bus, connector);
    await expect.poll(() => sink.values.length).toBeGreaterThan(90);
    expect(running.status().tasks[0]?.inFlight).toBeLessThanOrEqual(12);
  });

  it("publishes records and position in one transaction", async () => {
    await using bus = testBus([Order]);
    const source = listSource({ lists: { a: numbers(20).map((number) => order(`o${number % 5}`, number)) } });
    await runConnector(bus, defineConnector({ name: "c", source, sink: toTopic(Order) })).finished;
    const records = bus.transport.broker.records("orders");
    expect(records.map(({ value }) => Order.decode(value ?? new Uint8Array()).amount).toSorted((a, b) => a - b)).toEqual(numbers(20));
    for (const key of ["o0", "o3"]) {
      const amounts = records
        .filter((record) => Buffer.from(record.key ?? []).toString() === key)
        .map(({ value }) => Order.decode(value as Uint8Array).amount);
      expect(amounts).toEqual(amounts.toSorted((a, b) => a - b));
    }
    expect(source.acknowledged.at(-1)).toBe("a:20");
  });

  it("refuses what breaks the contract of a topic", async () => {
    await using bus = testBus([Order]);
    const source = listSource({ lists: { a: [order("a"), order("b", -1), order("c")] } });
    const failure = { tolerate: "all" as const };
    await runConnector(bus, defineConnector({ name: "c", source, sink: toTopic(Order), failure })).finished;
    expect(bus.transport.broker.records("orders").length).toBe(2);
    const [letter] = bus.transport.broker.records("c.dlq");
    expect(headerText(letter?.headers ?? {}, "bus-dlq-error-code")).toBe("contract_violation");
    expect(Buffer.from(letter?.value ?? []).toString()).toBe('{"id":"b","amount":-1}');
  });

  it("consumes topics as a group, and names where a record lay", async () => {
    await using bus = testBus([Order]);
    await bus.publishAll(
      Order,
      numbers(30).map((number) => order(`o${number % 4}`, number)),
    );
    const sink = listSink<Order>();
    const connector = defineConnector({ name: "c", source: fromTopic(Order), transforms: [filter((value: Order) => value.amount !== 7)], sink });
    const running = runConnector(bus, connector);
    await expect.poll(() => sink.values.length).toBe(29);
    const [first] = sink.batches.flat();
    expect(first?.id).toBe(`orders[${first?.origin?.partition}]@${first?.origin?.offset}`);
    expect(first?.contract).toBe(Order);
    await running.stop();
    const committed = await bus.transport.admin.committed("c", ["orders"]);
    expect(committed.reduce((sum, { offset }) => sum + offset, 0)).toBe(30);
    expect(running.status().state).toBe("stopped");
  });

  it("gives a sink that wants it all of a partition in order", async () => {
    await using bus = testBus([Order]);
    await bus.publishAll(
      Order,
      numbers(60).map((number) => order(`o${number % 7}`, number)),
    );
    const sink = listSink<Order>(() => written, { batching: { by: "partition", maxWaitMs: 5, maxRecords: 10 } });
    await using _running = runConnector(bus, defineConnector({ name: "c", source: fromTopic(Order), sink }));
    await expect.poll(() => sink.values.length).toBe(60);
    for (const batch of sink.batches) expect(new Set(batch.map(({ origin }) => origin?.partition)).size).toBe(1);
    for (const partition of [0, 1, 2]) {
      const offsets = sink.batches
        .flat()
        .filter(({ origin }) => origin?.partition === partition)
        .map(({ origin }) => origin?.offset);
      expect(offsets).toEqual(numbers(offsets.length));
    }
  });

  it("copies topic to topic", async () => {
    await using bus = testBus([Order]);
    const Copy = { ...Order, typeName: "test.copy", topic: { ...(Order.topic as NonNullable<typeof Order.topic>), name: "copies" } };
    bus.transport.broker.createTopic(Copy.topic);
    await bus.publishAll(
      Order,
      numbers(10).map((number) => order(`o${number}`, number)),
    );
    await using _running = runConnector(bus, defineConnector({ name: "c", source: fromTopic(Order), sink: toTopic(Copy) }));
    await expect.poll(() => bus.transport.broker.records("copies").length).toBe(10);
  });

  it("pauses, resumes and lets positions be changed only when stopped", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(4) }, bounded: false });
    const sink = listSink<number>();
    const running = runConnector(bus, defineConnector({ name: "c", source, sink }));
    await expect.poll(() => sink.values.length).toBe(4);
    running.pause();
    expect(running.status().state).toBe("paused");
    running.resume();
    expect(running.status().state).toBe("running");
    await expect(running.setPosition("a", 2)).rejects.toThrow("positions of c can be changed only while it is stopped");
    await running.stop();
    expect(await running.positions()).toEqual([{ split: "a", position: 4, records: 4 }]);
    await running.setPosition("a", 2);
    await running.restart();
    await expect.poll(() => sink.values).toEqual([0, 1, 2, 3, 2, 3]);
  });

  it("refuses a position for a split that is neither there nor stored, and names those that are", async () => {
    await using bus = testBus();
    const positions = new MemoryPositions();
    await (await positions.open("c")).store("gone.ndjson", { position: 1, offset: 1 });
    const source = listSource({ lists: { "dt=1/b.ndjson": [1], "dt=1/a.ndjson": [1] } });
    const running = runConnector(bus, defineConnector({ name: "c", source, sink: listSink<number>() }), { positions });
    await running.finished;
    await running.stop();
    await expect(running.setPosition("a.ndjson", 2)).rejects.toMatchObject({
      code: "invalid_options",
      message: "c has no split a.ndjson (there are dt=1/a.ndjson, dt=1/b.ndjson, gone.ndjson)",
    });
    await running.setPosition("gone.ndjson", undefined);
    await running.setPosition("dt=1/a.ndjson", 7);
    expect(await running.positions()).toEqual([
      { split: "dt=1/b.ndjson", position: 1, records: 1 },
      { split: "dt=1/a.ndjson", position: 7, records: 0 },
    ]);
  });

  it("tells what the group of a source that is a topic has committed, and how that is changed", async () => {
    await using bus = testBus([Order]);
    await bus.publishAll(
      Order,
      numbers(5).map((number) => order("one", number)),
    );
    const source = fromTopic(Order, { group: "readers", commitIntervalMs: 1 });
    const sink = listSink<Order>(({ value }) => (value.amount < 3 ? written : { status: "rejected", error: new Error("no") }));
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, batch: { maxRecords: 1 } }));
    await expect(running.finished).rejects.toThrow("no");
    const positions = await running.positions();
    expect(positions.map(({ split }) => split)).toEqual(positions.map((_, index) => `${Order.topic?.name}[${index}]`));
    expect(positions.filter(({ lag }) => lag !== 0)).toEqual([{ split: expect.any(String), position: 3, records: 3, lag: 2 }]);
    await running.stop();
    await expect(running.setPosition(`${Order.topic?.name}[0]`, 2)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("its consumer group readers has the offsets; stop the connector in all processes and change them"),
    });
  });

  it("writes on stop what was read, for so long as it may take, and goes on behind the last batch of the source that was written as a whole", async () => {
    await using bus = testBus();
    const positions = new MemoryPositions();
    const run = async (stopAt: number, hangAt: number) => {
      let stopped: Promise<void> | undefined;
      const sink = listSink<number>(async ({ value }, { signal }) => {
        if (value === stopAt) stopped = running.stop();
        if (value === hangAt) await once(signal, "abort");
        return written;
      });
      const source = listSource({ lists: { a: numbers(10) }, batch: 4 });
      const connector = defineConnector({ name: "c", source, sink, batch: { maxRecords: 1 }, drainTimeoutMs: hangAt > 0 ? 20 : 20_000 });
      const running = runConnector(bus, connector, { positions });
      await running.finished;
      await stopped;
      return [sink.values, positions.of("c").get("a")?.position];
    };
    expect(await run(1, 6)).toEqual([[0, 1, 2, 3, 4, 5, 6], 4]);
    expect(await run(5, -1)).toEqual([[4, 5, 6, 7, 8, 9], 10]);
  });
});
