import type { Explanation } from "@org/bus-core";

/** Whether a task gets anywhere with what it has read. It is looked at now and then: nothing of it costs a record anything. */
export class Movement {
  /** Read and not written; where it is written exactly once, not committed. */
  inFlight = 0;
  /** When it was last seen to have finished something, or to have nothing in flight; ms since the epoch. */
  movedAt: number;
  private finished = 0;

  constructor(now: number) {
    this.movedAt = now;
  }

  /** @param explanation undefined while the task is not open */
  look(explanation: Explanation | undefined, isExactlyOnce: boolean, now: number): void {
    let inFlight = 0;
    let finished = 0;
    for (const { unsettled, uncommitted, frontier } of explanation?.partitions ?? []) {
      inFlight += isExactlyOnce ? unsettled + uncommitted : unsettled;
      finished += isExactlyOnce ? frontier - uncommitted : frontier;
    }
    if (this.inFlight === 0 || finished !== this.finished) this.movedAt = now;
    this.inFlight = inFlight;
    this.finished = finished;
  }
}
