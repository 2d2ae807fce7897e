import { type Context, isSpanContextValid, type Link, ROOT_CONTEXT, type Span, type SpanContext, SpanKind, trace } from "@opentelemetry/api";
import type { AnyContract } from "@org/bus-core";
import { activeTracer, markFailed, type ProcessSpan, RecordedSpan, withoutSensitive, withoutSpan } from "@org/bus-core/internal";
import type { SourceBatch } from "../source/source.js";
import { BUS_CONNECTOR } from "./connect-metrics.js";

const tracer = () => trace.getTracer("@org/bus-connect");

/** Names of ours: the split that a record is of, and how many belong together. */
const BUS_SPLIT = "bus.connect.split";
const BUS_RECORDS = "bus.connect.records";

/** Where nothing is traced and nothing came along: one object for all. */
const NO_SPAN = withoutSpan(ROOT_CONTEXT);

/** The span in which a record was read. */
export interface ReadTrace {
  readonly span: SpanContext;
  /** Nothing else was read in it. */
  readonly isOfOne: boolean;
}

/** `read <source>`: one batch, from the call that asked for it. A source that waits has long ones. Undefined where no SDK is registered. */
export function traceRead(source: string, connector: string, split: string, startTime: number, batch: SourceBatch<unknown>): ReadTrace | undefined {
  if (activeTracer() === undefined) return undefined;
  const { records, unreadable = [] } = batch;
  const attributes = { [BUS_CONNECTOR]: connector, [BUS_SPLIT]: split, [BUS_RECORDS]: records.length };
  const span = tracer().startSpan(`read ${source}`, { kind: SpanKind.INTERNAL, attributes, startTime, root: true }, ROOT_CONTEXT);
  span.end();
  const spanContext = span.spanContext();
  return isSpanContextValid(spanContext) ? { span: spanContext, isOfOne: records.length + unreadable.length === 1 } : undefined;
}

/**
 * `process <connector>`: one record of a source, from its first transform until it is written. A child of what it came with; of its read where it came
 * with nothing and was read alone. Else it links to its read: a trace of all that was read together would be none of anything.
 */
export function startRecordSpan(connector: string, split: string, cameWith: Context, read: ReadTrace | undefined): ProcessSpan {
  if (activeTracer() === undefined) return cameWith === ROOT_CONTEXT ? NO_SPAN : withoutSpan(cameWith);
  const attributes = { [BUS_CONNECTOR]: connector, [BUS_SPLIT]: split };
  const isChildOfRead = read?.isOfOne === true && trace.getSpanContext(cameWith) === undefined;
  const parent = isChildOfRead ? trace.setSpanContext(cameWith, read.span) : cameWith;
  const links = read === undefined || isChildOfRead ? [] : [{ context: read.span }];
  const span = tracer().startSpan(`process ${connector}`, { kind: SpanKind.CONSUMER, attributes, links }, parent);
  const own = within(span, parent);
  return span.isRecording() ? new RecordedSpan(span, own) : withoutSpan(own);
}

export interface WriteInfo {
  readonly sink: string;
  readonly connector: string;
  /** Of what is written, as far as they are known. */
  readonly contracts: readonly AnyContract[];
}

/** As many as the SDK keeps, unless told otherwise; it looks at each that it is given. */
const MAX_LINKS = 128;

/** The span of one call of a sink. */
export interface WriteSpan {
  /** In which it writes. */
  readonly context: Context;
  end(error?: unknown): void;
}

/**
 * `write <sink>`: one call of a sink, a child of the only record that it is for, else linked to all of them (128 at most). Undefined where no SDK is registered.
 *
 * @param contexts in which the records are processed
 */
export function startWriteSpan({ sink, connector, contracts }: WriteInfo, contexts: readonly Context[]): WriteSpan | undefined {
  if (activeTracer() === undefined) return undefined;
  const attributes = { [BUS_CONNECTOR]: connector, [BUS_RECORDS]: contexts.length };
  const spans = contexts.flatMap((each) => trace.getSpanContext(each) ?? []).filter(isSpanContextValid);
  const links = spans.slice(0, MAX_LINKS).map((spanContext): Link => ({ context: spanContext }));
  const [only] = contexts;
  const parent = only !== undefined && contexts.length === 1 ? only : ROOT_CONTEXT;
  const span = tracer().startSpan(`write ${sink}`, { kind: SpanKind.CLIENT, attributes, links: contexts.length === 1 ? [] : links }, parent);
  return {
    context: within(span, parent),
    end(error) {
      if (error !== undefined) markFailed(span, withoutSensitive(error, contracts));
      span.end();
    },
  };
}

/** Also with a span that is not sampled: what begins in it must not be sampled for itself. */
const within = (span: Span, parent: Context): Context => (isSpanContextValid(span.spanContext()) ? trace.setSpan(parent, span) : parent);
