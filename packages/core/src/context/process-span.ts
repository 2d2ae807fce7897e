import type { Context } from "@opentelemetry/api";
import type { IncomingRecord } from "../transport/record.js";

export interface ProcessInfo {
  readonly group: string;
  /** Full name of the message. */
  readonly typeName: string;
  /** The key is a sensitive field and stays out of the span. */
  readonly keyIsSensitive: boolean;
}

/** Starts the span of a delivery when its first handler does. @internal */
export interface ConsumerTracing {
  startProcessSpan(record: IncomingRecord, info: ProcessInfo): ProcessSpan;
}

/** The span of one delivery, from the start of its first handler to its settlement. @internal */
export interface ProcessSpan {
  /** The context of the producer with this span active: what handlers run in, and what they publish is a child of. */
  readonly context: Context;
  /** A try failed and another follows. */
  retried(attempt: number, error: unknown): void;
  /** `error` when the delivery went to the dead letter or stopped the stream. */
  end(error?: unknown): void;
}
