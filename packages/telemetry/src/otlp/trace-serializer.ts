import type { HrTime, Link, SpanContext, SpanStatus } from "@opentelemetry/api";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace";
import { AttributeWriter } from "./attributes.js";
import { BackwardWriter } from "./backward-writer.js";

type Serializer = typeof ProtobufTraceSerializer;
type Scope = ReadableSpan["instrumentationScope"];
type Resource = ReadableSpan["resource"];

const hasIsRemote = 0x100;
const isRemote = 0x200;

/**
 * Spans as `ExportTraceServiceRequest` of OTLP, the same bytes as OpenTelemetry's own serializer makes, at a fraction of its cost: that one walks over all
 * spans twice, and writes the name of each attribute anew.
 */
export function createTraceSerializer(): Serializer {
  const writer = new SpanWriter();
  return {
    serializeRequest: (spans) => writer.request(spans),
    deserializeResponse: (bytes) => ProtobufTraceSerializer.deserializeResponse(bytes),
  };
}

class SpanWriter {
  readonly #out = new BackwardWriter();
  readonly #attributes = new AttributeWriter(this.#out);

  request(spans: readonly ReadableSpan[]): Uint8Array {
    for (const [resource, byScope] of [...byResource(spans)].toReversed()) {
      const written = this.#out.length;
      this.#text(3, resource.schemaUrl);
      for (const [scope, ofScope] of [...byScope].toReversed()) this.#scopeSpans(scope, ofScope);
      this.#resource(resource);
      this.#out.delimited(1, written);
    }
    return this.#out.finish();
  }

  #resource({ attributes }: Resource): void {
    const written = this.#out.length;
    this.#count(2, 0);
    this.#attributes.write(1, attributes);
    this.#out.delimited(1, written);
  }

  #scopeSpans(scope: Scope, spans: readonly ReadableSpan[]): void {
    const written = this.#out.length;
    this.#text(3, scope.schemaUrl);
    for (let index = spans.length - 1; index >= 0; index--) this.#span(spans[index] as ReadableSpan);
    this.#scope(scope);
    this.#out.delimited(2, written);
  }

  #scope(scope: Scope): void {
    const written = this.#out.length;
    this.#text(2, scope.version);
    this.#out.text(1, scope.name);
    this.#out.delimited(1, written);
  }

  #span(span: ReadableSpan): void {
    const out = this.#out;
    const written = out.length;
    const context = span.spanContext();
    const parent = span.parentSpanContext;
    this.#flags(16, context.traceFlags, parent?.isRemote);
    this.#status(span.status);
    this.#count(14, span.droppedLinksCount);
    for (const link of span.links.toReversed()) this.#link(link);
    this.#count(12, span.droppedEventsCount);
    for (const event of span.events.toReversed()) this.#event(event);
    this.#count(10, span.droppedAttributesCount);
    this.#attributes.write(9, span.attributes);
    this.#time(8, span.endTime);
    this.#time(7, span.startTime);
    this.#count(6, span.kind + 1);
    out.text(5, span.name);
    if (parent?.spanId) out.hex(4, parent.spanId);
    this.#ids(context);
    out.delimited(2, written);
  }

  #event({ time, name, attributes, droppedAttributesCount }: TimedEvent): void {
    const written = this.#out.length;
    this.#count(4, droppedAttributesCount ?? 0);
    if (attributes !== undefined) this.#attributes.write(3, attributes);
    this.#out.text(2, name);
    this.#time(1, time);
    this.#out.delimited(11, written);
  }

  #link({ context, attributes, droppedAttributesCount }: Link): void {
    const written = this.#out.length;
    this.#flags(6, context.traceFlags, context.isRemote);
    this.#count(5, droppedAttributesCount ?? 0);
    if (attributes !== undefined) this.#attributes.write(4, attributes);
    this.#ids(context);
    this.#out.delimited(13, written);
  }

  /** The first three fields of a span and of a link. */
  #ids({ traceId, spanId, traceState }: SpanContext): void {
    this.#text(3, traceState?.serialize());
    this.#out.hex(2, spanId);
    this.#out.hex(1, traceId);
  }

  #status({ code, message }: SpanStatus): void {
    const written = this.#out.length;
    this.#count(3, code);
    this.#text(2, message);
    this.#out.delimited(15, written);
  }

  #flags(field: number, traceFlags: number, remote: boolean | undefined): void {
    this.#out.fixed32((traceFlags & 0xff) | hasIsRemote | (remote === true ? isRemote : 0));
    this.#out.tag(field, 5);
  }

  #count(field: number, count: number): void {
    this.#out.varint(count);
    this.#out.tag(field, 0);
  }

  #text(field: number, text: string | undefined): void {
    if (text) this.#out.text(field, text);
  }

  /** Nanoseconds since the epoch, which are more than a number holds exactly: seconds are taken in two parts of 16 bits and more. */
  #time(field: number, [seconds, nanoseconds]: HrTime): void {
    const upper = Math.floor(seconds / 0x1_0000) * 1e9;
    const lower = (seconds % 0x1_0000) * 1e9 + nanoseconds;
    const low = (upper % 0x1_0000) * 0x1_0000 + (lower % 0x1_0000_0000);
    const high = Math.floor(upper / 0x1_0000) + Math.floor(lower / 0x1_0000_0000) + Math.floor(low / 0x1_0000_0000);
    this.#out.fixed64(low % 0x1_0000_0000, high);
    this.#out.tag(field, 1);
  }
}

function byResource(spans: readonly ReadableSpan[]): Map<Resource, Map<Scope, ReadableSpan[]>> {
  const resources = new Map<Resource, Map<Scope, ReadableSpan[]>>();
  for (const span of spans) {
    let scopes = resources.get(span.resource);
    if (scopes === undefined) {
      scopes = new Map();
      resources.set(span.resource, scopes);
    }
    const ofScope = scopes.get(span.instrumentationScope);
    if (ofScope === undefined) scopes.set(span.instrumentationScope, [span]);
    else ofScope.push(span);
  }
  return resources;
}
