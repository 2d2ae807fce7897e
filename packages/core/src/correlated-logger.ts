import { isSpanContextValid, trace } from "@opentelemetry/api";
import type { Logger } from "./logger.js";

/** The ids of the active span, by the names that log pipelines of OpenTelemetry look for; nothing where there is none. */
export function traceFields(): { readonly trace_id: string; readonly span_id: string } | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : undefined;
}

/** `logger`, with the ids of the active span in each line that does not have others. */
export function correlated(logger: Logger): Logger {
  const fieldsOf = (fields: object) => ({ ...traceFields(), ...fields });
  return {
    debug: (fields, message) => logger.debug(fieldsOf(fields), message),
    info: (fields, message) => logger.info(fieldsOf(fields), message),
    warn: (fields, message) => logger.warn(fieldsOf(fields), message),
    error: (fields, message) => logger.error(fieldsOf(fields), message),
  };
}
