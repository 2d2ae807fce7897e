import type { Context, Span } from "@opentelemetry/api";
import type { ProcessSpan, StageTimes } from "./process-span.js";
import * as semantic from "./semantic-conventions.js";
import { errorType, markFailed } from "./span-failure.js";

/** The span of a delivery that somebody will see: where its time went, which tries failed and how it ended. @internal */
export class RecordedSpan implements ProcessSpan {
  #totals: Record<string, number> | undefined;
  /** Of `performance`, from which the SDK takes the lengths of spans. */
  #settledAt = 0;

  constructor(
    private readonly span: Span,
    readonly context: Context,
  ) {}

  /** Not any more once it has ended: a handler may go on after its delivery was given up. */
  get isRecording(): boolean {
    return this.span.isRecording();
  }

  retried(attempt: number, error: unknown): void {
    this.span.addEvent(semantic.BUS_RETRY_EVENT, { [semantic.BUS_RETRY_ATTEMPT]: attempt, [semantic.ERROR_TYPE]: errorType(error) });
  }

  passed(times: StageTimes): void {
    const attributes = timeAttributes(times);
    if (attributes === undefined) return;
    this.#totals ??= {};
    for (const name in attributes) this.#totals[name] = (this.#totals[name] ?? 0) + (attributes[name] ?? 0);
    this.span.addEvent(semantic.BUS_STAGE_EVENT, { [semantic.BUS_STAGE_NAME]: times.stage, ...attributes });
  }

  settled(error?: unknown): void {
    this.#settledAt = performance.now();
    this.describe(this.span);
    if (this.#totals !== undefined) this.span.setAttributes(this.#totals);
    if (error === undefined) return;
    if (error instanceof Error) this.span.recordException(error);
    markFailed(this.span, error);
  }

  end(isCommitted: boolean): void {
    const waitMs = isCommitted ? Math.round(performance.now() - this.#settledAt) : 0;
    if (waitMs > 0) this.span.setAttribute(semantic.BUS_WAIT_COMMIT, waitMs);
    this.span.end(this.#settledAt);
  }

  /** What is told of the record, at its settlement. */
  protected describe(_span: Span): void {}
}

/** The times that are not 0; undefined where all are. */
function timeAttributes({ batchMs, keyMs, slotMs, handlerMs, retryMs, deadLetterMs }: StageTimes): Record<string, number> | undefined {
  if (batchMs + keyMs + slotMs + handlerMs + retryMs + deadLetterMs < 1) return undefined;
  const attributes: Record<string, number> = {};
  if (batchMs > 0) attributes[semantic.BUS_WAIT_BATCH] = batchMs;
  if (keyMs > 0) attributes[semantic.BUS_WAIT_KEY] = keyMs;
  if (slotMs > 0) attributes[semantic.BUS_WAIT_SLOT] = slotMs;
  if (retryMs > 0) attributes[semantic.BUS_WAIT_RETRY] = retryMs;
  if (deadLetterMs > 0) attributes[semantic.BUS_WAIT_DEAD_LETTER] = deadLetterMs;
  if (handlerMs > 0) attributes[semantic.BUS_HANDLER] = handlerMs;
  return attributes;
}
