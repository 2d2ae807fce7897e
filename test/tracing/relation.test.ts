import { context, propagation } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { createBus, type Logger, memory } from "@org/bus-core";
import { mapKeyedBatches, stream } from "@org/bus-streams";
import { describe, expect, it } from "vitest";
import { type Note, noteContract } from "./messages.js";
import { recordSpans } from "./recorded-spans.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const Asked = noteContract("test.v1.Asked", "asked");
const Answered = noteContract("test.v1.Answered", "answered");

async function setup() {
  const bus = createBus({ service: "test", transport: memory(), logger: silent });
  await bus.topics.ensure([Asked, Answered]);
  return bus;
}

const named = (spans: readonly ReadableSpan[], name: string) => spans.filter((span) => span.name === name);
const traceOf = (span: ReadableSpan | undefined) => span?.spanContext().traceId;
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;
const linked = (span: ReadableSpan | undefined) => span?.links.map(({ context }) => context.spanId);

describe("trace: link", () => {
  it("begins a trace at each consumer and links to where the message came from; baggage travels on", async () => {
    await using spans = recordSpans();
    const bus = await setup();
    const tenant = Promise.withResolvers<string | undefined>();
    bus.consume(Asked, { group: "g", trace: "link" }, async (note) => {
      await bus.publish(Answered, note);
    });
    bus.consume(Answered, { group: "h" }, () => tenant.resolve(propagation.getActiveBaggage()?.getEntry("tenant")?.value));
    const baggage = propagation.setBaggage(context.active(), propagation.createBaggage({ tenant: { value: "acme" } }));
    await context.with(baggage, () => bus.publish(Asked, { id: "a", text: "why" }));
    expect(await tenant.promise).toBe("acme");
    await bus.close();
    const all = await spans.finished();
    const [asked] = named(all, "create asked");
    const [process] = named(all, "process asked");
    expect(process?.parentSpanContext).toBeUndefined();
    expect(linked(process)).toEqual([idOf(asked)]);
    expect(traceOf(process)).not.toBe(traceOf(asked));
    // what comes of it stays in the new trace: the next hop is a child there, as it says nothing else
    expect(named(all, "create answered").map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([idOf(process)]);
    expect(named(all, "process answered").map(traceOf)).toEqual([traceOf(process)]);
  });

  it("refuses anything else", async () => {
    await using bus = await setup();
    // a misspelt option, as plain JavaScript may give it
    const options = { group: "g", trace: "none" } as unknown as { group: string };
    expect(() => bus.consume(Asked, options, () => {})).toThrow(/^consume: trace "none" must be/);
  });
});

describe.each(["parent", "link"] as const)("mapKeyedBatches with trace: %s", (relation) => {
  it("has a span for each message, and one for the call that links to them", async () => {
    await using spans = recordSpans();
    const bus = await setup();
    const ids = ["1", "2", "3"];
    await bus.publishAll(
      Asked,
      ids.map((text) => ({ id: "a", text })),
    );
    const done = Promise.withResolvers<void>();
    let left = ids.length;
    stream(bus, Asked, { group: "g", trace: relation })
      .pipe(
        mapKeyedBatches(async (notes: readonly Note[]) => {
          await bus.publish(Answered, { id: "a", text: String(notes.length) });
          left -= notes.length;
          if (left === 0) done.resolve();
          return notes.map((value) => ({ ok: true, value }) as const);
        }),
      )
      .run();
    await done.promise;
    await bus.close();
    const all = await spans.finished();
    const created = named(all, "create asked");
    const processed = named(all, "process asked");
    const [batch, ...others] = named(all, "process batch asked");
    expect(others).toEqual([]);
    expect(batch?.attributes).toMatchObject({
      "messaging.operation.name": "process batch",
      "messaging.operation.type": "process",
      "messaging.batch.message_count": 3,
      "messaging.consumer.group.name": "g",
    });
    expect(linked(batch)).toEqual(processed.map(idOf));
    const origins = processed.map((span) => (relation === "parent" ? span.parentSpanContext?.spanId : linked(span)?.join()));
    expect(origins).toEqual(created.map(idOf));
    expect(batch?.parentSpanContext?.spanId).toBe(relation === "parent" ? idOf(processed[0]) : undefined);
    // what the call publishes for all of them is its child
    expect(named(all, "create answered").map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([idOf(batch)]);
  });
});
