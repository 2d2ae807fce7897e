import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { defineConnector, fromTopic, map, runConnector, type Sink, toTopic, written } from "@org/bus-connect";
import { createBus, memory } from "@org/bus-core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { listSink } from "../../packages/connect/test/list-sink.js";
import { listSource } from "../../packages/connect/test/list-source.js";
import { Invoice, Order } from "../support/json-contract.js";
import { recordSpans, type SpanNode } from "./recorded-spans.js";
import { stagesOf, timesOf } from "./spans-by-name.js";

/** The spans of a connector that reads `list`, `batch` at a time, and writes it to a sink that is no topic. */
async function spansOf(list: readonly string[], batch: number, cameWith = context.active()) {
  await using spans = recordSpans();
  await using bus = createBus({ service: "test", transport: memory() });
  const source = listSource({ lists: { a: list }, batch });
  const read = source.read.bind(source);
  source.read = async function* (of) {
    for await (const each of read(of)) yield { ...each, records: each.records.map((record) => ({ ...record, context: cameWith })) };
  };
  // all of it in one write
  const sink = listSink<string>(undefined, { batching: { maxRecords: list.length, maxWaitMs: 60_000 } });
  const connector = defineConnector({ name: "copy", source, transforms: [map((value: string) => `${value}!`)], sink });
  await runConnector(bus, connector).finished;
  const finished = (await spans.finished()).filter(({ instrumentationScope }) => instrumentationScope.name === "@org/bus-connect");
  const named = new Map(finished.map((span) => [span.spanContext().spanId, span.name]));
  return finished
    .map(({ name, parentSpanContext, links }) => ({
      name,
      parent: parentSpanContext && (named.get(parentSpanContext.spanId) ?? parentSpanContext.spanId),
      links: links.map(({ context: { spanId } }) => named.get(spanId)),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

describe("the spans of a connector", () => {
  test("are one trace for a record that was read and written alone", async () => {
    expect(await spansOf(["x"], 2)).toEqual([
      { name: "process copy", parent: "read list", links: [] },
      { name: "read list", parent: undefined, links: [] },
      { name: "write list", parent: "process copy", links: [] },
    ]);
  });

  test("are a trace for each of several that were read together, linked to their read, and to them their write", async () => {
    expect(await spansOf(["x", "y"], 2)).toEqual([
      { name: "process copy", parent: undefined, links: ["read list"] },
      { name: "process copy", parent: undefined, links: ["read list"] },
      { name: "read list", parent: undefined, links: [] },
      { name: "write list", parent: undefined, links: ["process copy", "process copy"] },
    ]);
  });

  test("say where the time of a record went, which try failed and what ended it, as those of any message", async () => {
    await using spans = recordSpans();
    const connectorOf = (name: string, answer: Parameters<typeof listSink<string>>[0]) =>
      defineConnector({
        name,
        source: listSource({ lists: { a: ["x"] } }),
        sink: listSink(answer),
        failure: { attempts: 2, initialBackoffMs: 20, jitter: 0, tolerate: "all" },
      });
    await using bus = createBus({ service: "test", transport: memory() });
    const full = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { status: "retriable", error: new RangeError("full") } as const;
    };
    let failures = 0;
    await runConnector(
      bus,
      connectorOf("late", () => (failures++ === 0 ? full() : written)),
    ).finished;
    await runConnector(bus, connectorOf("never", full)).finished;
    const finished = await spans.finished();
    const [late, never] = ["late", "never"].map((name) => finished.find((span) => span.name === `process ${name}`));
    expect(stagesOf(late).map(({ stage }) => stage)).toEqual(["list"]);
    expect(timesOf(late)["wait.retry_ms"]).toBeGreaterThanOrEqual(19);
    expect(timesOf(late).handler_ms).toBeGreaterThanOrEqual(19);
    expect(late?.status.code).toBe(SpanStatusCode.UNSET);
    expect(never?.attributes["error.type"]).toBe("handler_failed");
    expect(never?.status).toEqual({ code: SpanStatusCode.ERROR, message: expect.stringContaining("full") });
    expect(never?.events.map(({ name }) => name).filter((name) => name !== "bus.stage")).toEqual(["bus.retry", "exception"]);
  });

  test("go on in the trace that a record came with, and link to its read", async () => {
    const writer = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", traceFlags: 1 };
    expect(await spansOf(["x"], 1, trace.setSpanContext(context.active(), writer))).toEqual([
      { name: "process copy", parent: writer.spanId, links: ["read list"] },
      { name: "read list", parent: undefined, links: [] },
      { name: "write list", parent: "process copy", links: [] },
    ]);
  });

  test.each([
    { exactlyOnce: false, shape: ["read list", ["process copy", ["write topic", ["create orders", ["send orders", []]]]]] },
    // the transaction is the write, of a message that is prepared
    { exactlyOnce: true, shape: ["read list", ["process copy", ["create orders", ["write topic", []]]]] },
  ])("lead from a read to what is published (exactly once: $exactlyOnce)", async ({ exactlyOnce, shape }) => {
    await using spans = recordSpans();
    await using bus = createBus({ service: "test", transport: memory() });
    await bus.topics.ensure([Order]);
    const source = listSource<Order>({ lists: { a: [{ id: "1", amount: 1 }] } });
    await runConnector(bus, defineConnector({ name: "copy", source, sink: toTopic(Order, { exactlyOnce }) })).finished;
    const nest = ({ name, children = [] }: SpanNode): unknown => [name, children.flatMap(nest)];
    expect((await spans.trees()).map(nest)).toContainEqual(shape);
  });

  test.each([{ exactlyOnce: false }, { exactlyOnce: true }])(
    "are all there or none of them, where half of the traces are sampled (exactly once: $exactlyOnce)",
    { timeout: 60_000 },
    async ({ exactlyOnce }) => {
      vi.stubEnv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
      vi.stubEnv("OTEL_TRACES_SAMPLER_ARG", "0.5");
      onTestFinished(() => void vi.unstubAllEnvs());
      await using spans = recordSpans();
      await using bus = createBus({ service: "test", transport: memory() });
      await bus.topics.ensure([Order, Invoice]);
      const orders = Array.from({ length: 60 }, (_, index): Order => ({ id: `k${index}`, amount: index }));
      const source = listSource({ lists: { a: orders.slice(0, 30), b: orders.slice(30, 31), c: orders.slice(31) }, batch: 4 });
      const into = runConnector(bus, defineConnector({ name: "into", source, sink: toTopic(Order, { exactlyOnce }) }));
      const within = map(({ id, amount }: Order): Invoice => ({ id, amount, due: "" }));
      const on = runConnector(
        bus,
        defineConnector({ name: "on", source: fromTopic(Order), transforms: [within], sink: toTopic(Invoice, { exactlyOnce }) }),
      );
      let seen = 0;
      // what a sink asks for is traced by others, such as the instrumentation of HTTP
      const asking: Sink<Invoice> = {
        name: "asking",
        batching: { maxRecords: 1 },
        open: async () => ({
          async write(records) {
            trace.getTracer("of others").startSpan("ask").end();
            seen += records.length;
            return records.map(() => written);
          },
          async close() {},
        }),
      };
      const out = runConnector(bus, defineConnector({ name: "out", source: fromTopic(Invoice), sink: asking }));
      await into.finished;
      await expect.poll(() => seen).toBe(orders.length);
      await on.stop();
      await out.stop();

      const traces = Map.groupBy(await spans.finished(), (span) => span.spanContext().traceId);
      const ofRecords = [...traces.values()]
        .map((all) => all.map(({ name }) => name).filter((name) => !/^(read|send) /.test(name)))
        // the writes of several have traces of their own
        .filter((names) => names.length > 0 && !names.every((name) => name === "write topic"));
      const whole = ["process into", "create orders", "process orders", "create invoices", "process invoices", "write asking", "ask"];
      for (const names of ofRecords) expect(names.filter((name) => name !== "write topic").toSorted()).toEqual(whole.toSorted());
      expect(ofRecords.length).toBeGreaterThan(0);
      expect(ofRecords.length).toBeLessThan(orders.length);
      if (!exactlyOnce) for (const names of ofRecords) expect(names.filter((name) => name === "write topic")).toHaveLength(2);
    },
  );
});
