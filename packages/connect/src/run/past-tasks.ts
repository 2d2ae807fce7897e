import type { SourceProgress } from "../source/source.js";
import type { TaskStats } from "../task/task-stats.js";
import type { PastStatus } from "./status.js";

/** The sum of tasks that are no longer told of one by one. */
export class PastTasks implements PastStatus {
  splits = 0;
  read = 0;
  written = 0;
  retried = 0;
  deadLettered = 0;
  progress: SourceProgress | undefined;

  add({ read, written, retried, deadLettered, progress }: TaskStats): void {
    this.splits++;
    this.read += read;
    this.written += written;
    this.retried += retried;
    this.deadLettered += deadLettered;
    if (progress === undefined) return;
    const { done = 0, total = 0 } = this.progress ?? {};
    this.progress = { ...progress, done: done + progress.done, ...(progress.total !== undefined && { total: total + progress.total }) };
  }
}
