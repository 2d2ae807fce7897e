import { type Context, context, isSpanContextValid, type Link, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { messageOf, type ProcessSpan, withoutSpan } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import { BUS_CONNECTOR } from "./connect-metrics.js";

const tracer = () => trace.getTracer("@org/bus-connect");

/** Names of ours: the split that a record is of, and how many belong together. */
const BUS_SPLIT = "bus.connect.split";
const BUS_RECORDS = "bus.connect.records";

/** `read <source>`: one batch, from the call that asked for it. A source that waits has long ones. */
export function traceRead(source: string, connector: string, split: string, startTime: number, records: number): void {
  const attributes = { [BUS_CONNECTOR]: connector, [BUS_SPLIT]: split, [BUS_RECORDS]: records };
  tracer().startSpan(`read ${source}`, { kind: SpanKind.INTERNAL, attributes, startTime, root: true }, ROOT_CONTEXT).end();
}

/** `process <connector>`: one record of a source, from its first transform until it is written; a child of what it came with. */
export function startRecordSpan(connector: string, split: string, parent: Context): ProcessSpan {
  const attributes = { [BUS_CONNECTOR]: connector, [BUS_SPLIT]: split };
  const span = tracer().startSpan(`process ${connector}`, { kind: SpanKind.CONSUMER, attributes }, parent);
  if (!span.isRecording()) return withoutSpan(parent);
  return {
    context: trace.setSpan(parent, span),
    isRecording: true,
    retried: (attempt) => void span.addEvent("bus.retry", { "bus.retry.attempt": attempt }),
    passed: ({ stage, handlerMs }) => void span.addEvent(stage, { "bus.stage.handler_ms": handlerMs }),
    settled(error) {
      if (error !== undefined) failed(span, error);
      span.end();
    },
    end() {},
  };
}

/** `write <sink>`: one call of a sink, linked to the records that it is for. */
export async function traceWrite<T>(
  sink: string,
  connector: string,
  records: readonly ConnectRecord<unknown>[],
  write: () => Promise<T>,
): Promise<T> {
  const attributes = { [BUS_CONNECTOR]: connector, [BUS_RECORDS]: records.length };
  const spans = records.flatMap((record) => trace.getSpanContext(record.context) ?? []).filter(isSpanContextValid);
  const links = spans.map((spanContext): Link => ({ context: spanContext }));
  const [only] = records;
  const parent = only !== undefined && records.length === 1 ? only.context : ROOT_CONTEXT;
  const span = tracer().startSpan(`write ${sink}`, { kind: SpanKind.CLIENT, attributes, links: records.length === 1 ? [] : links }, parent);
  if (!span.isRecording()) return write();
  try {
    return await context.with(trace.setSpan(parent, span), write);
  } catch (error) {
    failed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function failed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
}
