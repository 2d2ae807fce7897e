/** Handlers that wait for the end of the run that they are a part of: they would wait for themselves. */
export class WaitingHandlers {
  private resolves: (() => void)[] = [];

  /** @param calls how many calls of user code are in flight */
  constructor(private readonly calls: () => number) {}

  /** Resolves when no call is in flight but those that wait for this. */
  othersEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.resolves.push(resolve);
      this.callEnded();
    });
  }

  callEnded(): void {
    // after the next call has begun, where one waited
    if (this.resolves.length > 0) queueMicrotask(() => this.check());
  }

  private check(): void {
    if (this.calls() > this.resolves.length) return;
    for (const resolve of this.resolves.splice(0)) resolve();
  }
}
