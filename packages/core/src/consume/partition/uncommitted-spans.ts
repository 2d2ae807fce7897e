import type { ProcessSpan } from "../../context/process-span.js";

/** Enough for what trickles in; of a flood it takes those that wait longest. A burst of spans that end at once would overflow the queue of an exporter. */
const MAX_HELD = 128;

interface Held {
  readonly span: ProcessSpan;
  readonly offset: number;
}

/** Spans of settled deliveries of a partition that wait to be told of their commit. */
export class UncommittedSpans {
  private held: Held[] = [];

  get length(): number {
    return this.held.length;
  }

  add(span: ProcessSpan, offset: number): void {
    if (this.held.length < MAX_HELD) this.held.push({ span, offset });
    else span.end(false);
  }

  /** A commit of `offset` was acknowledged that was made when `count` were held; `isWhole`: it covers all of them. */
  committed(count: number, offset: number, isWhole: boolean): void {
    const covers = (held: Held, index: number): boolean => index < count && (isWhole || held.offset < offset);
    for (const [index, held] of this.held.entries()) if (covers(held, index)) held.span.end(true);
    this.held = this.held.filter((held, index) => !covers(held, index));
  }

  /** No commit of this assignment follows. */
  abandon(): void {
    for (const { span } of this.held.splice(0)) span.end(false);
  }
}
