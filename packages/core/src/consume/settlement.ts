/**
 * What the deliveries that came of one origin share. It ends when the last of them has been released; what it leads to (a settled offset,
 * or another settlement) depends on whether all of them were settled or one was given up.
 */
export abstract class Settlement {
  private open = 1;
  private complete = true;

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

/** That of a delivery which was joined from others: they end with it. */
export class JoinedSettlement extends Settlement {
  constructor(private readonly parts: readonly Settlement[]) {
    super();
  }

  protected override end(settled: boolean): void {
    for (const part of this.parts) part.release(settled);
  }
}
