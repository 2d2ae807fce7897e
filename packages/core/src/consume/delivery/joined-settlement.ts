import type { Context } from "@opentelemetry/api";
import type { BatchSpan } from "../../context/process-span.js";
import { startBatchSpan } from "../stage/start-batch-span.js";
import type { Origin } from "./origin.js";
import { Settlement } from "./settlement.js";

/** That of a delivery which was joined from others: they end with it. */
export class JoinedSettlement extends Settlement {
  private span: BatchSpan | undefined;

  constructor(
    private readonly parts: readonly Settlement[],
    private readonly origins: readonly [Origin, ...Origin[]],
  ) {
    super();
  }

  /** Starts the span of the batch, and those of its messages, at the first use: when the first handler is about to run. */
  get context(): Context {
    const [first, ...others] = this.origins;
    if (others.length === 0) return first.context;
    this.span ??= startBatchSpan(first.run, first.record.topic, first, others);
    return this.span.context;
  }

  protected override end(settled: boolean): void {
    // what failed shows in the spans of the messages
    this.span?.end();
    for (const part of this.parts) part.release(settled);
  }
}
