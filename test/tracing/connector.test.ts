import { context, trace } from "@opentelemetry/api";
import { defineConnector, map, runConnector } from "@org/bus-connect";
import { createBus, memory } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { listSink } from "../../packages/connect/test/list-sink.js";
import { listSource } from "../../packages/connect/test/list-source.js";
import { recordSpans } from "./recorded-spans.js";

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

  test("go on in the trace that a record came with, and link to its read", async () => {
    const writer = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", traceFlags: 1 };
    expect(await spansOf(["x"], 1, trace.setSpanContext(context.active(), writer))).toEqual([
      { name: "process copy", parent: writer.spanId, links: ["read list"] },
      { name: "read list", parent: undefined, links: [] },
      { name: "write list", parent: "process copy", links: [] },
    ]);
  });
});
