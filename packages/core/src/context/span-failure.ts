import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { BusError, messageOf } from "../errors.js";
import { ERROR_TYPE } from "./semantic-conventions.js";

/** Of low cardinality: the code of a BusError, else the name of the error's class. */
export function errorType(error: unknown): string {
  if (error instanceof BusError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

/** Marks the span as failed; it does not end it. */
export function markFailed(span: Span, error: unknown): void {
  span.setAttribute(ERROR_TYPE, errorType(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
}
