import { type Clock, systemClock } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { listSink } from "../../test/list-sink.js";
import { listSource } from "../../test/list-source.js";
import { testBus } from "../../test/test-bus.js";
import { defineConnector } from "../define/define-connector.js";
import { MemoryPositions } from "../positions/memory-positions.js";
import type { PositionStore } from "../positions/position-store.js";
import type { WriteOutcome } from "../sink/sink.js";
import { runConnector } from "./run-connector.js";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const written: WriteOutcome = { status: "written" };
const never = new Promise<never>(() => {});

describe("the life of a connector", () => {
  it("has one reader of a split, however many ask for restarts at once", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(4) }, bounded: false });
    const sink = listSink<number>();
    const running = runConnector(bus, defineConnector({ name: "c", source, sink }));
    const readers = () => source.started.length - source.ended.length;
    await expect.poll(() => sink.values.length).toBe(4);
    await Promise.all([running.restart(), running.restart(), running.restart()]);
    await expect.poll(() => running.status().state).toBe("running");
    await Promise.all([running.restart("a"), running.restart("a")]);
    await expect.poll(() => running.status().state).toBe("running");
    expect(readers()).toBe(1);
    // the later word counts
    await Promise.all([running.restart(), running.stop()]);
    expect([running.status().state, readers()]).toEqual(["stopped", 0]);
  });

  it("keeps a position that is set while it is being stopped", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(6) }, bounded: false });
    const writing = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const sink = listSink<number>(async () => {
      writing.resolve();
      await go.promise;
      return written;
    });
    const positions = new MemoryPositions();
    const running = runConnector(bus, defineConnector({ name: "c", source, sink }), { positions });
    await writing.promise;
    const stopped = running.stop();
    const set = running.setPosition("a", 1);
    go.resolve();
    await Promise.all([stopped, set]);
    expect(sink.values.length).toBeGreaterThan(0);
    expect(positions.of("c").get("a")?.position).toBe(1);
  });

  it("fails a task for a record that is never written, although others are", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(6) } });
    const sink = listSink<number>(({ value }) => (value === 3 ? { status: "retriable", error: new Error("never") } : written));
    const failure = { attempts: 2, initialBackoffMs: 1 };
    const connector = defineConnector({ name: "c", source, sink, failure, restart: { attempts: 2, initialBackoffMs: 1 } });
    const running = runConnector(bus, connector);
    await expect(running.finished).rejects.toThrow("list could not write a:3: never");
    expect(running.status()).toMatchObject({ state: "failed", healthy: false, tasks: [{ restarts: 2 }] });
    expect(sink.values).toContain(5);
  });

  it("is stalled, and can be stopped, while its sink does not open", async () => {
    await using bus = testBus();
    const sink = listSink<number>();
    sink.open = () => never;
    const source = listSource({ lists: { a: numbers(1) } });
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, stallAfterMs: 1, drainTimeoutMs: 20 }));
    await expect.poll(() => running.status().tasks[0]?.stalled).toBe(true);
    expect(running.status().healthy).toBe(false);
    await running.stop();
    expect(running.status().state).toBe("stopped");
    expect(bus.lines.map(({ message }) => message)).toContain("the task was still opening when it was stopped");
  });

  it("closes a sink that opens after the stop, and reads nothing", async () => {
    await using bus = testBus();
    const sink = listSink<number>();
    const open = sink.open.bind(sink);
    const go = Promise.withResolvers<void>();
    sink.open = async (context) => {
      await go.promise;
      return open(context);
    };
    const source = listSource({ lists: { a: numbers(1) } });
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, drainTimeoutMs: 20 }));
    await expect.poll(() => running.status().tasks.length).toBe(1);
    await running.stop();
    go.resolve();
    await expect.poll(() => sink.closed).toBe(1);
    expect(source.started).toEqual([]);
  });

  it.each(["acknowledge", "release"] as const)("can be stopped while its source does not %s", async (answer) => {
    await using bus = testBus();
    const asked = Promise.withResolvers<void>();
    const hangs = () => {
      asked.resolve();
      return never;
    };
    const list = listSource({ lists: { a: numbers(4) }, bounded: false });
    const source: typeof list = {
      ...list,
      async *read(context) {
        for await (const batch of list.read(context)) yield { ...batch, [answer]: hangs };
      },
    };
    const sink = listSink<number>(() => (answer === "acknowledge" ? written : never));
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, drainTimeoutMs: 20 }));
    if (answer === "acknowledge") await asked.promise;
    else await expect.poll(() => sink.batches.length).toBe(1);
    await running.stop();
    await asked.promise;
    expect(running.status().state).toBe("stopped");
    const messages = bus.lines.map(({ message }) => message);
    expect(messages).toContain(
      answer === "acknowledge" ? "the source was not told in time what is written" : "the source did not take back its batches in time",
    );
  });

  it.each([
    ["a write", () => never],
    ["a flush", () => ({ status: "held" }) as const],
  ])("leaves no timer behind when it is stopped in %s that does not end", async (_, answer) => {
    const writeTimeoutMs = 54_321;
    const timers = new Set<() => void>();
    let begun = 0;
    const clock: Clock = {
      now: () => systemClock.now(),
      schedule(delayMs, callback) {
        const cancel = systemClock.schedule(delayMs, callback);
        if (delayMs === writeTimeoutMs) {
          begun++;
          timers.add(cancel);
        }
        return () => {
          timers.delete(cancel);
          cancel();
        };
      },
    };
    await using bus = testBus([], undefined, clock);
    const flushing = Promise.withResolvers<void>();
    const sink = listSink<number>(answer);
    const { open } = sink;
    sink.open = async (context) => ({
      ...(await open(context)),
      flush() {
        flushing.resolve();
        return never;
      },
    });
    const source = listSource({ lists: { a: numbers(4) }, bounded: false });
    const limits = { writeTimeoutMs, flushIntervalMs: 1, drainTimeoutMs: 20 };
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, ...limits }));
    await expect.poll(() => sink.batches.length).toBeGreaterThan(0);
    if (_ === "a flush") await flushing.promise;
    await running.stop();
    expect([begun > 0, timers.size]).toEqual([true, 0]);
  });

  it("can be stopped while its source does not tell its splits", async () => {
    await using bus = testBus();
    const asked = Promise.withResolvers<void>();
    const splits = () => {
      asked.resolve();
      return never;
    };
    const source = { ...listSource({ lists: { a: numbers(1) } }), splits };
    const running = runConnector(bus, defineConnector({ name: "c", source, sink: listSink<number>() }));
    await asked.promise;
    await running.stop();
    expect(running.status().state).toBe("stopped");
  });

  it("is restarted when a flush takes too long, reads again what was held, and stores no position before", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(4) } });
    const positions = new MemoryPositions();
    const storedAtFlush: number[] = [];
    const signals: AbortSignal[] = [];
    const sink = listSink<number>(() => ({ status: "held" }));
    const { open } = sink;
    sink.open = async (context) => ({
      ...(await open(context)),
      async flush({ signal }) {
        storedAtFlush.push(positions.of("c").size);
        signals.push(signal);
        if (sink.opened === 1) await never;
      },
    });
    const connector = defineConnector({ name: "c", source, sink, flushIntervalMs: 10, writeTimeoutMs: 30, restart: { initialBackoffMs: 1 } });
    const running = runConnector(bus, connector, { positions });
    await running.finished;
    expect(running.status().tasks[0]?.lastError?.message).toMatch(
      /^a flush took longer than writeTimeoutMs 30: the \d records that list held are not acknowledged, and are read again$/,
    );
    expect({
      opened: sink.opened,
      started: source.started.map(({ position }) => position),
      storedAtFlush: storedAtFlush[0],
      aborted: signals[0]?.aborted,
    }).toEqual({
      opened: 2,
      started: [undefined, undefined],
      storedAtFlush: 0,
      aborted: true,
    });
    expect(positions.of("c").get("a")?.position).toBe(4);
  });

  it("is not healthy, and says what it waits for, when the splits of its source do not come", async () => {
    await using bus = testBus();
    const answers = Promise.withResolvers<readonly { readonly id: string }[]>();
    const source = { ...listSource({ lists: { a: numbers(2) } }), splits: () => answers.promise };
    const running = runConnector(bus, defineConnector({ name: "c", source, sink: listSink<number>(), stallAfterMs: 20 }));
    await expect
      .poll(() => running.status())
      .toMatchObject({
        state: "starting",
        healthy: false,
        stalled: true,
        waitingFor: { what: "the splits of its source", since: expect.any(Number) },
      });
    await expect.poll(() => bus.lines.map(({ message }) => message)).toContain("the connector is stalled: it waits for the splits of its source");
    answers.resolve([{ id: "a" }]);
    await running.finished;
    expect(running.status()).toMatchObject({ state: "completed", healthy: true, stalled: false, waitingFor: undefined });
  });

  it("is not healthy while its positions do not come, and can be stopped", async () => {
    await using bus = testBus();
    const positions = { ...new MemoryPositions(), open: () => never, stored: () => never };
    const source = listSource({ lists: { a: numbers(2) } });
    const connector = defineConnector({ name: "c", source, sink: listSink<number>(), stallAfterMs: 1, drainTimeoutMs: 20 });
    const running = runConnector(bus, connector, { positions });
    await expect.poll(() => running.status()).toMatchObject({ healthy: false, waitingFor: { what: "its positions" } });
    await running.stop();
    expect(running.status()).toMatchObject({ state: "stopped" });
  });

  it("waits, and does not start for ever, while all splits are other processes' or have been read", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(2) } });
    let isOurs = false;
    let changed = () => {};
    const positions: PositionStore = {
      ...new MemoryPositions(),
      stored: async () => new Map(),
      async open(name, _bus, listener) {
        changed = () => listener.changed();
        return Object.assign(await new MemoryPositions().open(name), { owns: () => isOurs });
      },
    };
    const standby = runConnector(bus, defineConnector({ name: "c", source, sink: listSink<number>() }), { positions });
    await expect.poll(() => standby.status()).toMatchObject({ state: "waiting", healthy: true, tasks: [] });
    isOurs = true;
    changed();
    await standby.finished;
    expect(standby.status()).toMatchObject({ state: "completed", tasks: [{ id: "a", written: 2 }] });

    const watching = runConnector(bus, defineConnector({ name: "d", source: { ...source, bounded: false }, sink: listSink<number>() }), {
      positions,
    });
    await expect.poll(() => watching.status()).toMatchObject({ state: "waiting", tasks: [{ id: "a", state: "completed" }] });
  });

  it("counts since the process began, over restarts", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: numbers(6) }, bounded: false });
    const running = runConnector(bus, defineConnector({ name: "c", source, sink: listSink<number>() }), { positions: new MemoryPositions() });
    const counted = () => running.status().tasks.map(({ read, written }) => [read, written]);
    await expect.poll(counted).toEqual([[6, 6]]);
    await running.stop();
    await running.setPosition("a", 2);
    await running.restart();
    await expect.poll(counted).toEqual([[10, 10]]);
  });

  it("tells of the last hundred splits that are read, and sums up the others: a watched folder never ends", async () => {
    await using bus = testBus();
    const ids = (from: number, to: number) => numbers(to).slice(from).map(String);
    let listed = ids(0, 130);
    const given = Object.fromEntries(ids(0, 140).map((id) => [id, [id]]));
    const source = { ...listSource({ lists: given }), bounded: false, splits: async () => listed.map((id) => ({ id })) };
    const sink = listSink<string>();
    const running = runConnector(bus, defineConnector({ name: "c", source, sink, splitsIntervalMs: 1 }), { positions: new MemoryPositions() });
    const told = () => running.status().tasks.map(({ id }) => id);
    await expect.poll(() => [sink.values.length, running.status().state, told().length]).toEqual([130, "waiting", 100]);
    expect(running.status().past).toMatchObject({ splits: 30, read: 30, written: 30, progress: { done: 30, total: 30 } });

    listed = ids(100, 140);
    await expect.poll(told).toEqual(ids(100, 140));
    await expect.poll(() => running.status().past).toMatchObject({ splits: 100, read: 100, written: 100 });
    expect([...sink.values].toSorted()).toEqual(ids(0, 140).toSorted());
  });
});
