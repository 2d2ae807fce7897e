import type { Context } from "@opentelemetry/api";

/**
 * What the deliveries that came of one origin share. It ends when the last of them has been released; what it leads to (a settled offset,
 * or another settlement) depends on whether all of them were settled or one was given up.
 */
export abstract class Settlement {
  private open = 1;
  private complete = true;

  /** What handlers of its deliveries run in. */
  abstract readonly context: Context;

  get ended(): boolean {
    return this.open === 0;
  }

  /** `count` more deliveries carry it from now on. Without effect when it has ended. */
  share(count: number): void {
    if (this.open > 0) this.open += count;
  }

  /** One delivery that carried it is gone: `settled`, or given up (its partition moved away, its stream stops). */
  release(settled: boolean): void {
    if (this.open === 0) return;
    if (!settled) this.complete = false;
    if (--this.open === 0) this.end(this.complete);
  }

  /** Called once. */
  protected abstract end(settled: boolean): void;
}
