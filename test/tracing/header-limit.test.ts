import { type Context, context, createTraceState, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { createBus, headerText, type Logger, memory, type RecordHeaders } from "@org/bus-core";
import { publishTo, stream } from "@org/bus-streams";
import { describe, expect, it } from "vitest";
import { type Note, noteContract } from "./messages.js";
import { recordSpans } from "./recorded-spans.js";

const Asked = noteContract("test.v1.Asked", "asked");
const Answered = noteContract("test.v1.Answered", "answered");

const traceId = "0af7651916cd43dd8448eb211c80319c";
const library = ["content-type", "bus-message-type", "bus-message-id", "bus-service"];

/** A trace with baggage of so many bytes, an entry each. */
function contextWith(entryBytes: readonly number[], state = ""): Context {
  const traced = trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: "b7ad6b7169203331",
    traceFlags: 1,
    ...(state && { traceState: createTraceState(state) }),
  });
  const entries = entryBytes.map((bytes, index) => [`entry${index}`, { value: "x".repeat(bytes) }] as const);
  return entries.length === 0 ? traced : propagation.setBaggage(traced, propagation.createBaggage(Object.fromEntries(entries)));
}

function setup() {
  const warnings: object[] = [];
  const logger: Logger = { debug() {}, info() {}, warn: (fields) => warnings.push(fields), error() {} };
  const bus = createBus({ service: "test", transport: memory(), logger });
  return { bus, warnings, [Symbol.asyncDispose]: () => bus.close() };
}

/** What was written to the topic, from its beginning. */
function received(bus: ReturnType<typeof createBus>, contract: typeof Asked, count: number): Promise<readonly RecordHeaders[]> {
  const all = Promise.withResolvers<readonly RecordHeaders[]>();
  const headers: RecordHeaders[] = [];
  bus.consume(contract, { group: `see-${contract.typeName}` }, (_, delivery) => {
    if (headers.push(delivery.headers) === count) all.resolve(headers);
  });
  return all.promise;
}

const own = (headers: RecordHeaders | undefined) => Object.keys(headers ?? {}).filter((name) => !library.includes(name));
const a: Note = { id: "a", text: "why" };

it("tell of entries of baggage that the propagator leaves out, because they or all of them are too long", async () => {
  for (const [entries, left] of [
    [[3, 5_000], 1],
    [[5_000], 0],
    [[3_900, 3_900, 3_900], 2],
  ] as const) {
    await using _spans = recordSpans();
    await using lab = setup();
    const { bus, warnings } = lab;
    await bus.topics.ensure([Asked]);
    for (let round = 0; round < 2; round++) await context.with(contextWith(entries), () => bus.publish(Asked, a));
    const [headers = {}] = await received(bus, Asked, 2);
    expect((headerText(headers, "baggage") ?? "").split(",").filter((entry) => entry !== "")).toHaveLength(left);
    expect(warnings).toEqual([expect.objectContaining({ topic: "asked", limit: 8_192, dropped: ["baggage entries"] })]);
  }
});

describe("the headers of a message", () => {
  it("carry baggage while all of them fit in 8 KB; beyond that the trace alone, with one warning for each topic", async () => {
    await using _spans = recordSpans();
    await using lab = setup();
    const { bus, warnings } = lab;
    await bus.topics.ensure([Asked, Answered]);
    const much = contextWith([3_900, 3_900]);
    const filling = { headers: { filling: Buffer.alloc(300) } };
    await context.with(contextWith([3]), () => bus.publish(Asked, a, filling));
    for (let round = 0; round < 2; round++) await context.with(much, () => bus.publish(Asked, a, filling));
    await context.with(much, () => bus.publish(Answered, a, filling));
    const [small, ...large] = await received(bus, Asked, 3);
    expect(own(small)).toEqual(["filling", "traceparent", "baggage"]);
    for (const headers of large) {
      expect(own(headers)).toEqual(["filling", "traceparent"]);
      expect(headerText(headers, "traceparent")).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    }
    const warning = (topic: string) => ({
      topic,
      bytes: expect.any(Number),
      limit: 8_192,
      dropped: ["baggage"],
      trace_id: traceId,
      span_id: expect.any(String),
    });
    expect(warnings).toEqual([warning("asked"), warning("answered")]);
  });

  it("lose the state of other tracers too where they are still too large, and never what the publisher wrote", async () => {
    await using _spans = recordSpans();
    await using lab = setup();
    await lab.bus.topics.ensure([Asked]);
    await context.with(contextWith([10], "vendor=value"), () => lab.bus.publish(Asked, a, { headers: { filling: Buffer.alloc(9_000) } }));
    await context.with(contextWith([]), () => lab.bus.publish(Asked, a, { headers: { filling: Buffer.alloc(9_000) } }));
    for (const headers of await received(lab.bus, Asked, 2)) expect(own(headers)).toEqual(["filling", "traceparent"]);
    expect(lab.warnings).toMatchObject([{ dropped: ["baggage", "tracestate"] }]);
  });

  it("are held to it in transactions as well", async () => {
    await using _spans = recordSpans();
    await using lab = setup();
    const { bus, warnings } = lab;
    await bus.topics.ensure([Asked, Answered]);
    await context.with(contextWith([3_900, 3_900]), () => bus.publish(Asked, a));
    stream(bus, Asked, { group: "g" })
      .pipe(publishTo(Answered, { headers: { filling: Buffer.alloc(300) } }))
      .exactlyOnce()
      .run();
    const [headers] = await received(bus, Answered, 1);
    expect(own(headers)).toEqual(["filling", "traceparent"]);
    expect(warnings).toMatchObject([{ topic: "answered" }]);
  });
});
