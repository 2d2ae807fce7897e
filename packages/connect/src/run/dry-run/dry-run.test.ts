import { createMemoryBroker, memory } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { Order } from "../../../../../test/support/json-contract.js";
import { listSink } from "../../../test/list-sink.js";
import { listSource } from "../../../test/list-source.js";
import { testBus } from "../../../test/test-bus.js";
import { type Connector, defineConnector } from "../../define/define-connector.js";
import { MemoryPositions } from "../../positions/memory-positions.js";
import { fromTopic } from "../../topic/from-topic.js";
import { toTopic } from "../../topic/to-topic.js";
import { map } from "../../transform/map.js";
import { runConnector } from "../run-connector.js";
import { type DryRunOptions, type DryRunRecord, dryRun } from "./dry-run.js";

const letters = ["v", "w", "x", "y", "z"];

async function dryRunOf(bus: ReturnType<typeof testBus>, connector: Connector, options: DryRunOptions = {}): Promise<readonly DryRunRecord[]> {
  const made: DryRunRecord[] = [];
  for await (const record of dryRun(bus, connector, options)) made.push(record);
  return made;
}

const values = (made: readonly DryRunRecord[]) => made.map((each) => (each.ok ? each.record.value : `${each.stage}: ${each.error}`));

describe("dryRun", () => {
  it("begins where each split stands, or at the start, and leaves all as it is", async () => {
    const broker = createMemoryBroker();
    const source = () => listSource({ lists: { a: letters, b: letters.map((letter) => letter.toUpperCase()) } });
    await using bus = testBus([], memory({ broker }));
    const running = runConnector(bus, defineConnector({ name: "c", source: source(), sink: listSink<string>() }));
    await running.finished;
    await running.stop();
    await running.setPosition("a", 2);
    await running.setPosition("b", 4);
    const log = () =>
      Array.from({ length: 32 }, (_, partition) => broker.records("c.positions").filter((record) => record.partition === partition).length);
    const before = log();

    const dry = source();
    const sink = listSink<string>();
    const connector = defineConnector({ name: "c", source: dry, sink });
    expect(values(await dryRunOf(bus, connector, { records: 100 }))).toEqual(["x", "y", "z", "Z"]);
    expect(values(await dryRunOf(bus, connector, { records: 3, from: "start" }))).toEqual(["v", "w", "x"]);
    expect({ acknowledged: dry.acknowledged, opened: sink.opened, log: log() }).toEqual({ acknowledged: [], opened: 0, log: before });
    expect(dry.released).toContain("a:4");
    expect(new Map((await running.positions()).map(({ split, position }) => [split, position]))).toEqual(
      new Map([
        ["a", 2],
        ["b", 4],
      ]),
    );
  });

  it("takes no split from the process that reads it", async () => {
    const broker = createMemoryBroker();
    await using bus = testBus([], memory({ broker }));
    await using other = testBus([], memory({ broker }));
    const source = listSource({ lists: { a: letters }, bounded: false });
    const running = runConnector(bus, defineConnector({ name: "c", source, sink: listSink<string>() }));
    await expect.poll(async () => (await running.positions())[0]?.position).toBe(5);
    const again = defineConnector({ name: "c", source: listSource({ lists: { a: [...letters, "more"] } }), sink: listSink<string>() });
    expect(values(await dryRunOf(other, again))).toEqual(["more"]);
    expect([running.status().tasks.map(({ state }) => state), source.started.length]).toEqual([["running"], 1]);
  });

  it("says what a contract, its size limit, and the mapping of a sink would refuse", async () => {
    await using bus = testBus([Order]);
    const source = () =>
      listSource<Order>({
        lists: {
          a: [
            { id: "1", amount: 1 },
            { id: "2", amount: -1 },
            { id: "x".repeat(2_000_000), amount: 3 },
          ],
        },
      });
    const publishing = await dryRunOf(bus, defineConnector({ name: "c", source: source(), sink: toTopic(Order) }));
    expect(publishing).toMatchObject([
      { ok: true },
      { ok: false, id: "a:1", stage: "sink topic", error: expect.stringContaining("amount: must be greater than or equal to 0") },
      { ok: false, id: "a:2", stage: "sink topic", error: expect.stringContaining("is too large") },
    ]);
    expect(bus.transport.broker.records("orders")).toEqual([]);

    const sink = { ...listSink<string>(), checkRecord: ({ value }: { readonly value: string }) => expect(value).not.toBe("2") };
    const mapped = defineConnector({ name: "c", source: source(), transforms: [map(({ id }: Order) => id)], sink });
    expect((await dryRunOf(bus, mapped)).map((each) => (each.ok ? "fine" : `${each.id} ${each.stage}`))).toEqual(["fine", "a:1 sink list", "fine"]);
  });

  it("begins where the group of a topic stands, and commits nothing", async () => {
    await using bus = testBus([Order]);
    const put = (from: number, to: number) =>
      bus.publishAll(
        Order,
        Array.from({ length: to - from }, (_, index) => ({ id: "k", amount: from + index })),
      );
    await put(0, 4);
    const sink = listSink<Order>();
    const connector = defineConnector({ name: "c", source: fromTopic(Order), sink });
    const running = runConnector(bus, connector);
    await expect.poll(() => sink.values.length).toBe(4);
    await running.stop();
    await put(4, 6);
    const committed = () => bus.transport.admin.committed("c", ["orders"]);
    const before = await committed();
    const amounts = async (options: DryRunOptions) => values(await dryRunOf(bus, connector, options)).map((value) => (value as Order).amount);
    expect(await amounts({})).toEqual([4, 5]);
    expect(await amounts({ from: "start", records: 5 })).toEqual([0, 1, 2, 3, 4]);
    expect(await committed()).toEqual(before);
  });

  it("ends when a source without an end has no more to say", async () => {
    await using bus = testBus();
    const source = listSource({ lists: { a: letters }, bounded: false });
    const positions = new MemoryPositions();
    const connector = defineConnector({ name: "c", source, sink: listSink<string>() });
    expect(values(await dryRunOf(bus, connector, { idleMs: 1, positions }))).toEqual(letters);
    expect(source.ended).toEqual(["a"]);
  });
});
