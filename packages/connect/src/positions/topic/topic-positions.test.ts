import { createMemoryBroker, type MemoryFaults, memory } from "@org/bus-core";
import { busInternals } from "@org/bus-core/internal";
import { describe, expect, it, onTestFinished } from "vitest";
import { Order } from "../../../../../test/support/json-contract.js";
import { listSink } from "../../../test/list-sink.js";
import { listSource } from "../../../test/list-source.js";
import { testBus } from "../../../test/test-bus.js";
import { defineConnector } from "../../define/define-connector.js";
import { runConnector } from "../../run/run-connector.js";
import { fromTopic } from "../../topic/from-topic.js";
import { toTopic } from "../../topic/to-topic.js";
import { topicPositions } from "./topic-positions.js";

const splits = ["a", "b", "c", "d", "e", "f", "g", "h"];
const lists = (count: number) => Object.fromEntries(splits.map((split) => [split, Array.from({ length: count }, (_, index) => `${split}${index}`)]));

describe("topicPositions", () => {
  it("keeps positions for the next process, in the partition of their split", async () => {
    const broker = createMemoryBroker();
    const positions = async (count: number) => {
      await using bus = testBus([], memory({ broker }));
      const source = listSource({ lists: { a: Array.from({ length: count }, (_, index) => index) } });
      const sink = listSink<number>();
      const running = runConnector(bus, defineConnector({ name: "c", source, sink }));
      await running.finished;
      return { started: source.started, values: sink.values, stored: await running.positions() };
    };
    expect(await positions(4)).toMatchObject({ started: [{ position: undefined }], stored: [{ split: "a", position: 4, records: 4 }] });
    expect(await positions(6)).toMatchObject({ started: [{ position: 4 }], values: [4, 5], stored: [{ split: "a", position: 6, records: 6 }] });
  });

  it("fails at once on a position that is none, says where it lies and how to mend it, and goes on when that was done", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: [0, 1, 2], b: [0] } });
    const sink = listSink<number>();
    const connector = defineConnector({ name: "c", source, sink });
    const earlier = runConnector(bus, connector);
    await earlier.finished;
    await earlier.stop();
    const stored = bus.transport.broker.records("c.positions").findLast(({ key }) => Buffer.from(key ?? []).toString() === "split/a");
    await busInternals(bus).publisher.sendRaw({
      topic: "c.positions",
      partition: stored?.partition ?? -1,
      key: stored?.key ?? null,
      value: Buffer.from("garbage"),
      headers: {},
      timestamp: 1,
    });
    const running = runConnector(bus, connector);
    const where = `(c.positions[${stored?.partition}]@`;
    await expect(running.finished).rejects.toThrow(`the stored position of split a cannot be read ${where}`);
    await expect(running.finished).rejects.toThrow("stop c and store another: bus connect positions c --set 'a=JSON'");
    expect(running.status().tasks).toMatchObject([
      { id: "a", state: "failed", restarts: 0 },
      { id: "b", state: "completed" },
    ]);
    await expect(running.positions()).rejects.toThrow(where);
    await running.stop();
    await running.setPosition("a", 1);
    await running.restart();
    await running.finished;
    expect(source.started.findLast(({ split }) => split === "a")).toEqual({ split: "a", position: 1 });
  });

  it("shares the splits of a source between processes, takes over those of one that stops, and loses nothing", async () => {
    const broker = createMemoryBroker();
    await using one = testBus([], memory({ broker }));
    await using other = testBus([], memory({ broker }));
    const sinks = [listSink<string>(), listSink<string>()] as const;
    const sources = [listSource({ lists: lists(30), bounded: false }), listSource({ lists: lists(30), bounded: false })] as const;
    const slow = { batch: { maxRecords: 2 }, maxInFlight: { records: 4 } };
    const first = runConnector(one, defineConnector({ name: "c", source: sources[0], sink: sinks[0], ...slow }));
    await expect.poll(() => sinks[0].values.length).toBeGreaterThan(20);
    const second = runConnector(other, defineConnector({ name: "c", source: sources[1], sink: sinks[1], ...slow }));
    await expect.poll(() => second.status().tasks.length, { timeout: 10_000 }).toBeGreaterThan(0);
    const both = [...first.status().tasks, ...second.status().tasks].map(({ id }) => id);
    expect(new Set(both).size).toBe(both.length);
    await first.stop();
    await expect.poll(() => second.status().tasks.length, { timeout: 10_000 }).toBe(splits.length);
    const expected = Object.values(lists(30)).flat();
    await expect.poll(() => new Set([...sinks[0].values, ...sinks[1].values]).size, { timeout: 20_000 }).toBe(expected.length);
    for (const split of splits) {
      const arrived = [...sinks[0].values, ...sinks[1].values].filter((value) => value.startsWith(split));
      expect(arrived).toEqual(lists(30)[split]);
    }
  });

  it("ends when all splits are read, by whichever process", async () => {
    const broker = createMemoryBroker();
    await using one = testBus([], memory({ broker }));
    await using other = testBus([], memory({ broker }));
    const sink = listSink<string>();
    const run = (bus: typeof one) => runConnector(bus, defineConnector({ name: "c", source: listSource({ lists: lists(10) }), sink }));
    const running = [run(one), run(other)];
    await Promise.all(running.map(({ finished }) => finished));
    expect(new Set(sink.values).size).toBe(80);
    expect(running.map((connector) => connector.status().state)).toEqual(["completed", "completed"]);
  });

  it("waits for the splits of other processes in a later run, too, whatever was told in an earlier one", async () => {
    const broker = createMemoryBroker();
    /** Two processes that share the splits; what each is given waits until it is let go. */
    const both = async (count: number) => {
      const buses = [testBus([], memory({ broker })), testBus([], memory({ broker }))];
      for (const bus of buses) onTestFinished(() => bus.close());
      const all = buses.map((bus) => {
        const goOn = Promise.withResolvers<void>();
        const sink = listSink<string>(() => goOn.promise.then(() => ({ status: "written" })));
        const running = runConnector(bus, defineConnector({ name: "c", source: listSource({ lists: lists(count) }), sink, drainTimeoutMs: 50 }));
        return { goOn: goOn.resolve, running };
      });
      const tasks = () => all.map(({ running }) => running.status().tasks.length);
      await expect.poll(() => tasks().every((each) => each > 0) && tasks().reduce((a, b) => a + b), { timeout: 10_000 }).toBe(splits.length);
      return all;
    };
    await using looking = testBus([], memory({ broker }));
    const done = () =>
      looking.transport.broker.records("c.positions").filter(({ key }) =>
        Buffer.from(key ?? [])
          .toString()
          .startsWith("done/"),
      ).length;
    const earlier = await both(4);
    for (const { goOn } of earlier) goOn();
    await Promise.all(earlier.map(({ running }) => running.finished));
    const told = done();
    expect(told).toBeGreaterThan(0);
    const [one, other] = await both(8);
    one?.goOn();
    await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(told);
    expect(one?.running.status().state).toBe("waiting");
    other?.goOn();
    await Promise.all([one?.running.finished, other?.running.finished]);
  });

  it("keeps what a process has told to be done, when others take over its partitions and tell of theirs", async () => {
    const broker = createMemoryBroker();
    const store = topicPositions();
    const join = async () => {
      const bus = testBus([], memory({ broker }));
      onTestFinished(() => bus.close());
      const positions = await store.open("c", bus, { changed() {}, async leaving() {} });
      await positions.settled;
      return positions;
    };
    const all = splits.map((id) => ({ id }));
    const of = (positions: Awaited<ReturnType<typeof join>>) => all.filter(({ id }) => positions.owns(id));
    const looking = await join();
    const first = await join();
    await expect.poll(() => of(first).length).toBeGreaterThan(1);
    const told = of(first);
    await first.markDone(told);
    await first.close();
    const second = await join();
    onTestFinished(() => Promise.all([looking.close(), second.close()]).then(() => {}));
    await expect.poll(() => of(second).length).toBeGreaterThan(1);
    const others = of(second).slice(1);
    await second.markDone(others);
    await expect.poll(() => [...told, ...others].filter((split) => !looking.isDone(split))).toEqual([]);
    const [{ id } = { id: "" }] = told;
    expect(looking.isDone({ id, settings: { path: "another" } })).toBe(false);
  });

  it("writes each record once although the transactions of its cluster fail and processes follow each other", async () => {
    const broker = createMemoryBroker();
    let failures = 0;
    const transaction: MemoryFaults["transaction"] = ({ step }) => {
      if (step !== "commit") return undefined;
      failures++;
      return failures % 3 === 0 ? { fail: failures % 2 === 0 ? "before" : "after" } : undefined;
    };
    const orders = Array.from({ length: 60 }, (_, index) => ({ id: `o${index % 7}`, amount: index }));
    for (let stops = 0; stops < 3; stops++) {
      await using bus = testBus(stops === 0 ? [Order] : [], memory({ broker, faults: { transaction } }));
      const source = listSource({ lists: { a: orders }, bounded: stops === 2 });
      const running = runConnector(
        bus,
        defineConnector({
          name: "c",
          source,
          sink: toTopic(Order, { transactionMaxWaitMs: 1, transactionMaxRecords: 4 }),
          maxInFlight: { records: 4 },
        }),
      );
      if (stops === 2) await running.finished;
      else {
        await expect.poll(() => bus.transport.broker.records("orders").length, { interval: 1, timeout: 20_000 }).toBeGreaterThan(20 * stops);
        await running.stop();
      }
    }
    await using reader = testBus([], memory({ broker }));
    const seen = listSink<{ readonly amount: number }>();
    await using _reading = runConnector(reader, defineConnector({ name: "reader", source: fromTopic(Order), sink: seen }));
    await expect.poll(() => seen.values.length).toBe(60);
    expect(seen.values.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual(orders.map(({ amount }) => amount));
  });
});

describe("status", () => {
  it("tells of a task that has something to do and does not do it", async () => {
    await using bus = testBus();
    const never = listSink<number>(() => new Promise(() => {}));
    const connector = defineConnector({ name: "c", source: listSource({ lists: { a: [1, 2] } }), sink: never, stallAfterMs: 20, drainTimeoutMs: 20 });
    await using running = runConnector(bus, connector);
    await expect
      .poll(() => running.status())
      .toMatchObject({ state: "running", healthy: false, tasks: [{ stalled: true, inFlight: 2, idle: false }] });
  });

  it("tells of a source that says nothing, which is no fault", async () => {
    await using bus = testBus();
    const connector = defineConnector({
      name: "c",
      source: listSource({ lists: { a: [1] }, bounded: false }),
      sink: listSink<number>(),
      stallAfterMs: 20,
    });
    await using running = runConnector(bus, connector);
    await expect.poll(() => running.status().tasks[0]?.idle).toBe(true);
    expect(running.status()).toMatchObject({ healthy: true, tasks: [{ stalled: false, read: 1, written: 1 }] });
  });

  it("lets a task that has failed begin anew by itself", async () => {
    await using bus = testBus();
    let refuses = true;
    const sink = listSink<string>(({ value }) =>
      refuses && value === "a1" ? { status: "rejected", error: new Error("no") } : { status: "written" },
    );
    const source = listSource({ lists: { a: ["a0", "a1", "a2"], b: ["b0"] }, bounded: false });
    const running = runConnector(bus, defineConnector({ name: "c", source, sink }));
    await expect.poll(() => running.status().tasks.find(({ id }) => id === "a")?.state).toBe("failed");
    expect(running.status()).toMatchObject({ state: "failed", healthy: false });
    expect(running.status().tasks.find(({ id }) => id === "b")?.state).toBe("running");
    refuses = false;
    await running.restart("a");
    await expect.poll(() => sink.values.includes("a2")).toBe(true);
    expect(running.status()).toMatchObject({ state: "running", healthy: true });
    await running.stop();
  });
});
