import type { Explanation, Logger } from "@org/bus-core";
import type { TaskStats } from "./task-stats.js";

const intervalMs = 10_000;

/**
 * Tells of records that are tried again and hold up their partition, as they are found when the task is looked at: as its last error, and in the log at most
 * once in ten seconds. What it leaves out is counted in its next line.
 */
export class RetryLog {
  private last = "";
  private loggedAt = Number.NEGATIVE_INFINITY;
  private suppressed = 0;

  constructor(
    private readonly logger: Logger,
    private readonly stats: TaskStats,
  ) {}

  look(explanation: Explanation | undefined, now: number): void {
    for (const { topic, partition, heldBy } of explanation?.partitions ?? []) {
      if (heldBy?.lastError === undefined) continue;
      const { offset, stage, attempt, lastError: error } = heldBy;
      const seen = `${topic}[${partition}]@${offset} ${attempt} ${error}`;
      if (seen === this.last) continue;
      this.last = seen;
      this.stats.failed(error, now);
      if (now - this.loggedAt < intervalMs) {
        this.suppressed++;
        continue;
      }
      const { suppressed } = this;
      this.logger.warn({ topic, partition, offset, stage, attempts: attempt, error, suppressed }, "a record failed and is tried again");
      this.loggedAt = now;
      this.suppressed = 0;
    }
  }
}
