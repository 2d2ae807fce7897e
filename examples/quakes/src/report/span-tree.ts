import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** Draws the spans of one trace, children below their parents, in the order in which they began. One line a span. */
export function drawSpanTree(spans: readonly ReadableSpan[]): readonly string[] {
  const children = new Map<string | undefined, ReadableSpan[]>();
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  for (const span of [...spans].sort((a, b) => milliseconds(a.startTime) - milliseconds(b.startTime))) {
    const parent = span.parentSpanContext?.spanId;
    const known = parent !== undefined && ids.has(parent) ? parent : undefined;
    children.set(known, [...(children.get(known) ?? []), span]);
  }
  const draw = (span: ReadableSpan, indent: string, isLast: boolean): string[] => {
    const below = children.get(span.spanContext().spanId) ?? [];
    const lines = below.flatMap((child, index) => draw(child, `${indent}${isLast ? "   " : "│  "}`, index === below.length - 1));
    return [`${indent}${isLast ? "└─ " : "├─ "}${label(span)}`, ...lines];
  };
  const roots = children.get(undefined) ?? [];
  return roots.flatMap((root, index) => draw(root, "  ", index === roots.length - 1));
}

function label(span: ReadableSpan): string {
  const group = span.attributes["messaging.consumer.group.name"];
  return `${span.name}${group === undefined ? "" : ` by ${group}`}  ${milliseconds(span.duration).toFixed(1)} ms`;
}

function milliseconds([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
