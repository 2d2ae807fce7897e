import { setTimeout as delay } from "node:timers/promises";
import type { Jaeger } from "./start-jaeger.js";

/** A span as Jaeger gives it back; times in ms. */
export interface JaegerSpan {
  readonly id: string;
  readonly traceId: string;
  readonly parentId: string | undefined;
  readonly service: string;
  readonly operation: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

interface KeyValue {
  readonly key: string;
  readonly value: unknown;
}

interface TraceDocument {
  readonly traceID: string;
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
  readonly spans: readonly {
    readonly traceID: string;
    readonly spanID: string;
    readonly processID: string;
    readonly operationName: string;
    readonly references: readonly { readonly refType: string; readonly spanID: string }[];
    readonly startTime: number;
    readonly duration: number;
    readonly tags: readonly KeyValue[];
    readonly logs: readonly { readonly fields: readonly KeyValue[] }[];
  }[];
}

async function ask<T>(jaeger: Jaeger, path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
  const response = await fetch(`${jaeger.url}/api/${path}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(`Jaeger answered ${response.status} to ${path}: ${await response.text()}`);
  const { data } = (await response.json()) as { data: T };
  return data;
}

export function services(jaeger: Jaeger): Promise<readonly string[]> {
  return ask(jaeger, "services");
}

/** Sorted. */
export async function operations(jaeger: Jaeger, service: string): Promise<readonly string[]> {
  return (await ask<string[]>(jaeger, `services/${encodeURIComponent(service)}/operations`)).sort();
}

/** The traces in which `service` has a span of `operation`; `untilComplete` says when all have come: what was sent a moment ago is not there yet. */
export async function traces(
  jaeger: Jaeger,
  service: string,
  operation: string,
  untilComplete: (traces: readonly (readonly JaegerSpan[])[]) => boolean,
  timeoutMs = 20_000,
): Promise<readonly (readonly JaegerSpan[])[]> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = (await ask<TraceDocument[]>(jaeger, "traces", { service, operation, limit: "5000", lookback: "1h" })).map(spansOf);
    if (untilComplete(found) || Date.now() > end) return found;
    await delay(200);
  }
}

function spansOf({ processes, spans }: TraceDocument): readonly JaegerSpan[] {
  return spans.map((span) => ({
    id: span.spanID,
    traceId: span.traceID,
    parentId: span.references.find(({ refType }) => refType === "CHILD_OF")?.spanID,
    service: processes[span.processID]?.serviceName ?? "",
    operation: span.operationName,
    startMs: span.startTime / 1_000,
    durationMs: span.duration / 1_000,
    tags: byKey(span.tags),
    events: span.logs.map(({ fields }) => byKey(fields)),
  }));
}

function byKey(values: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(values.map(({ key, value }) => [key, value]));
}

/** A send carries a batch: it is a child of its message only where that travels alone. */
export const isSend = ({ operation }: Pick<JaegerSpan, "operation">): boolean => operation.startsWith("send ");

/** A span without what differs from run to run, with its children, sorted. */
export interface SpanShape {
  readonly service: string;
  readonly operation: string;
  readonly kind: unknown;
  readonly group?: unknown;
  readonly children?: readonly SpanShape[];
}

/** The shape of a trace: a tree for each span whose parent is not there. Spans for which `isLeftOut` are passed over, with their children. */
export function shapeOf(spans: readonly JaegerSpan[], isLeftOut: (span: JaegerSpan) => boolean = () => false): readonly SpanShape[] {
  const ids = new Set(spans.map(({ id }) => id));
  const below = (parentId: string | undefined): readonly SpanShape[] =>
    spans
      .filter((span) => (parentId === undefined ? span.parentId === undefined || !ids.has(span.parentId) : span.parentId === parentId))
      .filter((span) => !isLeftOut(span))
      .map(shape)
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  const shape = ({ id, service, operation, tags }: JaegerSpan): SpanShape => {
    const group = tags["messaging.consumer.group.name"];
    const children = below(id);
    return {
      service,
      operation,
      kind: tags["span.kind"],
      ...(group !== undefined && { group }),
      ...(children.length > 0 && { children }),
    };
  };
  return below(undefined);
}
