import { type Context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";

/*
 * The column has the format that Debezium reads and writes, lines of Java properties: `traceparent=00-…`. What OpenTelemetry puts there is ASCII.
 */

/** The trace and baggage of a context for the column; null where there are none. */
export function traceContextText(context: Context): string | null {
  const carrier: Record<string, string> = {};
  propagation.inject(context, carrier);
  const lines = Object.entries(carrier).map(([name, value]) => `${name}=${value.replaceAll("\\", "\\\\")}\n`);
  return lines.length === 0 ? null : lines.join("");
}

/** The context that the writer of a row had. */
export function contextOfText(text: string | null): Context {
  if (text === null || text === "") return ROOT_CONTEXT;
  const carrier: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, name, value] = /^\s*([\w-]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    // Java escapes what could be taken for a separator
    if (name !== undefined && value !== undefined) carrier[name.toLowerCase()] = value.replace(/\\(.)/g, "$1");
  }
  return propagation.extract(ROOT_CONTEXT, carrier);
}
