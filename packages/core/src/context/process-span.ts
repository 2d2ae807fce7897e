import type { Context } from "@opentelemetry/api";

/** The span of one delivery, from the start of its first handler to its settlement. @internal */
export interface ProcessSpan {
  /** The context of the producer with this span active: what handlers run in, and what they publish is a child of. */
  readonly context: Context;
  /** A try failed and another follows. */
  retried(attempt: number, error: unknown): void;
  /** `error` when the delivery went to the dead letter or stopped the stream. */
  end(error?: unknown): void;
}
