import { type AnyValue, type Attributes, createTraceState, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTraceSerializer } from "./trace-serializer.js";

const scalar: fc.Arbitrary<AnyValue> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ maxLength: 40 }),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.integer({ min: -3, max: 300 }),
  fc.double(),
  fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -(2 ** 63), 2 ** 63, -0, "", "é", "a".repeat(127), "a".repeat(128), "a".repeat(129)),
  fc.uint8Array({ maxLength: 200 }),
  fc.constant(null),
);
const value: fc.Arbitrary<AnyValue> = fc.letrec<{ value: AnyValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 })),
})).value;
const attributes = fc.dictionary(
  fc.constantFrom("messaging.system.name", "kafka.offset", "é", "x".repeat(130), "a", "b"),
  value,
) as fc.Arbitrary<Attributes>;
const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => Buffer.from(each).toString("hex"));
const context = fc.record({
  traceId: hex(16).map((id) => `${id.slice(0, 31)}1`),
  spanId: hex(8).map((id) => `${id.slice(0, 15)}1`),
  traceFlags: fc.constantFrom(0, 1),
  isRemote: fc.boolean(),
  traceState: fc.constantFrom(createTraceState(""), createTraceState("a=1,b=2")),
});
const time = fc.tuple(fc.integer({ min: 0, max: 2 ** 34 }), fc.integer({ min: 0, max: 999_999_999 }));
const span = fc.record({
  name: fc.string({ unit: "binary", maxLength: 100 }),
  kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER),
  parent: fc.option(context, { nil: undefined }),
  scope: fc.constantFrom({ name: "a" }, { name: "b", version: "1.2.3", schemaUrl: "https://example.com/schema" }),
  attributes,
  links: fc.array(fc.record({ context, attributes }), { maxLength: 3 }),
  events: fc.array(fc.record({ name: fc.string(), attributes: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())) }), { maxLength: 3 }),
  status: fc.option(fc.string(), { nil: undefined }),
  startTime: time,
  lengthSeconds: fc.integer({ min: 0, max: 100_000 }),
});
type Sample = typeof span extends fc.Arbitrary<infer T> ? T : never;

/** Makes the spans with the real SDK, so that they are what it hands to an exporter. */
function made(samples: readonly Sample[], resources: number): ReadableSpan[] {
  return Array.from({ length: resources }, (_, index) => {
    const exporter = new InMemorySpanExporter();
    const resource = resourceFromAttributes({ "service.name": `service-${index}`, list: ["a", "b"] });
    const limits = { attributeCountLimit: 4, eventCountLimit: 2, linkCountLimit: 2 };
    const provider = new TracerProvider({ resource, spanLimits: limits, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    for (const { name, kind, parent, scope, attributes: given, links, events, status, startTime, lengthSeconds } of samples) {
      const tracer = provider.getTracer(scope.name, scope.version, scope.schemaUrl === undefined ? {} : { schemaUrl: scope.schemaUrl });
      const options = { kind, attributes: given, links, startTime };
      const started = tracer.startSpan(name, options, parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent));
      for (const event of events) started.addEvent(event.name, event.attributes);
      if (status !== undefined) started.setStatus({ code: SpanStatusCode.ERROR, message: status });
      started.end([startTime[0] + lengthSeconds, startTime[1]]);
    }
    return exporter.getFinishedSpans();
  }).flat();
}

describe("createTraceSerializer", () => {
  it("makes the bytes that OpenTelemetry's serializer makes, of any spans, again and again", () => {
    const serializer = createTraceSerializer();
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), fc.integer({ min: 1, max: 2 }), (samples, resources) => {
        const spans = made(samples, resources);
        expect(Buffer.from(serializer.serializeRequest(spans) ?? [])).toEqual(Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? []));
      }),
      { numRuns: 300 },
    );
  });

  it("stays right where there are more values and names than it keeps, and more bytes than it has room for", () => {
    const serializer = createTraceSerializer();
    const provider = new TracerProvider({ spanProcessors: [] });
    const tracer = provider.getTracer("many");
    const spans = Array.from({ length: 3_000 }, (_, index) =>
      tracer.startSpan(`span ${index}`, { attributes: { id: `id-${index}`, [`name-${index}`]: "constant", topic: "orders" } }),
    ) as unknown as ReadableSpan[]; // what the SDK starts is what it exports
    for (let round = 0; round < 2; round++) {
      expect(Buffer.from(serializer.serializeRequest(spans) ?? [])).toEqual(Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? []));
    }
  });
});
