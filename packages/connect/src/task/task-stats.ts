import type { SourceProgress } from "../source/source.js";

/** What a task counts of itself over all its restarts, for its status. */
export class TaskStats {
  /** Of a source with an end. */
  progress: SourceProgress | undefined;
  read = 0;
  written = 0;
  retried = 0;
  /** When a record was last read, and last written; ms since the epoch. */
  lastReadAt: number | undefined;
  lastWrittenAt: number | undefined;

  took(records: number, now: number): void {
    if (records === 0) return;
    this.read += records;
    this.lastReadAt = now;
  }

  wrote(records: number, now: number): void {
    this.written += records;
    this.lastWrittenAt = now;
  }

  retry(): void {
    this.retried++;
  }
}
