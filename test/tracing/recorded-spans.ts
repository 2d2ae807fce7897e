import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { startTelemetry } from "@org/bus-telemetry";

/** A span without what differs from run to run, with its children. */
export interface SpanNode {
  readonly name: string;
  readonly kind: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The message of a failed status. */
  readonly failed?: string;
  readonly events?: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  /** Names of the spans that it links to. */
  readonly links?: readonly string[];
  readonly children?: readonly SpanNode[];
}

/** Records every span of the process until it is disposed of. */
export function recordSpans() {
  const exporter = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor({ exporter });
  // the clock that spans take may go back
  const begun = new Map<string, number>();
  const counter: SpanProcessor = {
    onStart: (span) => void begun.set(span.spanContext().spanId, begun.size),
    onEnd() {},
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const telemetry = startTelemetry({ service: "test", spanProcessors: [counter, processor] });
  const finished = async (): Promise<readonly ReadableSpan[]> => {
    await processor.forceFlush();
    return exporter.getFinishedSpans();
  };
  return {
    finished,
    /** All spans as trees, one for each span without a recorded parent, in the order in which they began. */
    trees: async () => spanTrees(await finished(), begun),
    [Symbol.asyncDispose]: () => telemetry.shutdown(),
  };
}

const volatile = new Set(["messaging.message.id"]);
/** They differ from run to run, and may be absent: other tests look at them, on a clock that they move. */
const isTime = (name: string): boolean => /^bus\.(wait\..*|handler)_ms$/.test(name);

function spanTrees(spans: readonly ReadableSpan[], begun: ReadonlyMap<string, number>): readonly SpanNode[] {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const turn = (span: ReadableSpan): number => begun.get(span.spanContext().spanId) ?? 0;
  const ordered = spans.toSorted((a, b) => turn(a) - turn(b));
  const node = (span: ReadableSpan): SpanNode => {
    const children = ordered.filter((other) => other.parentSpanContext?.spanId === span.spanContext().spanId).sort((a, b) => a.kind - b.kind);
    const failed = span.status.code === SpanStatusCode.ERROR;
    const lasting = Object.entries(span.attributes).filter(([name]) => !isTime(name));
    const attributes = lasting.map(([name, value]) => [name, volatile.has(name) ? typeof value : value]);
    const events = span.events
      .filter(({ name }) => name !== "bus.stage")
      .map(({ name, attributes = {} }) => ({ name, attributes: withoutStack(attributes) }));
    const links = span.links.map(({ context }) => byId.get(context.spanId)?.name ?? "unknown");
    return {
      name: span.name,
      kind: SpanKind[span.kind] ?? "",
      attributes: Object.fromEntries(attributes),
      ...(failed ? { failed: span.status.message ?? "" } : {}),
      ...(events.length > 0 ? { events } : {}),
      ...(links.length > 0 ? { links } : {}),
      ...(children.length > 0 ? { children: children.map(node) } : {}),
    };
  };
  return ordered.filter(({ parentSpanContext }) => parentSpanContext === undefined || !byId.has(parentSpanContext.spanId)).map(node);
}

function withoutStack(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== "exception.stacktrace"));
}
