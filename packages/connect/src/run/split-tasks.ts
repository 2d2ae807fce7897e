import type { Split } from "../source/source.js";
import type { ConnectorTask } from "../task/connector-task.js";
import { TaskStats } from "../task/task-stats.js";
import { PastTasks } from "./past-tasks.js";

/** A split of ours, and its task as soon as it has one. */
export interface SplitTask {
  readonly split: Split;
  readonly settings: string;
  task: ConnectorTask | undefined;
  /** Earlier owners are being fenced while it waits for its turn: until then it must neither begin nor be another process's. Never rejects. */
  fencing: Promise<void> | undefined;
  /** It has been read to its end, and is no longer told of by itself. */
  isPast: boolean;
}

/** So many that have been read to their end are told of one by one: a watched folder never ends. */
const toldCompleted = 100;
const tidiedAtOnce = 10;

/** The splits that are this process's, and what is known of earlier ones. */
export class SplitTasks {
  /** Of those that are no longer told of. */
  readonly past = new PastTasks();
  private readonly entries = new Map<string, SplitTask>();
  /** Of a split over all its tasks: counted since the process began. */
  private readonly stats = new Map<string, TaskStats>();

  private tidied: readonly Split[] = [];

  constructor(private readonly connector: string) {}

  [Symbol.iterator](): IterableIterator<SplitTask> {
    return this.entries.values();
  }

  /** Those that have a task. */
  get ids(): readonly string[] {
    return [...this.entries.values()].filter(({ task }) => task !== undefined).map(({ split }) => split.id);
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  /** Whether it is still ours, and has not begun anew. */
  holds(entry: SplitTask): boolean {
    return this.entries.get(entry.split.id) === entry;
  }

  taskOf(id: string): ConnectorTask | undefined {
    return this.entries.get(id)?.task;
  }

  statsOf(id: string): TaskStats {
    const stats = this.stats.get(id) ?? new TaskStats(this.connector);
    this.stats.set(id, stats);
    return stats;
  }

  /** A split that has changed since it was completed is read on. */
  add(split: Split): SplitTask | undefined {
    const known = this.entries.get(split.id);
    // of the same listing, which is asked of again whenever a task changes
    if (known?.split === split) return undefined;
    const settings = JSON.stringify(split.settings ?? null);
    if (known !== undefined && (known.settings === settings || !isCompleted(known))) return undefined;
    const entry = { split, settings, task: undefined, fencing: undefined, isPast: false };
    this.entries.set(split.id, entry);
    return entry;
  }

  /** Resolves when nothing of those that move to another process is at work any more; they are ours no longer from now on. */
  async letGo(moves: (id: string) => boolean): Promise<void> {
    const leaving = [...this.entries.values()].filter(({ split }) => moves(split.id));
    const stats = leaving.map(({ split: { id } }) => this.statsOf(id));
    for (const { split } of leaving) {
      this.entries.delete(split.id);
      this.stats.delete(split.id);
    }
    await Promise.all(leaving.flatMap(({ task, fencing }) => [task?.stop(), fencing]));
    for (const each of stats) this.past.add(each);
  }

  /** Forgets what is completed and no longer in the source, and keeps of others no more than their names when they are many. */
  tidy(listed: readonly Split[]): void {
    const completed = [...this.entries.values()].filter(isCompleted);
    // some at once: of a large folder each file that has been read would look at all others
    if (listed === this.tidied && completed.filter(({ isPast }) => !isPast).length < toldCompleted + tidiedAtOnce) return;
    this.tidied = listed;
    const ids = new Set(listed.map(({ id }) => id));
    for (const { split } of completed) if (!ids.has(split.id)) this.entries.delete(split.id);
    const told = completed.filter(({ split, isPast }) => !isPast && this.entries.has(split.id));
    for (const entry of told.slice(0, Math.max(0, told.length - toldCompleted))) {
      entry.isPast = true;
      entry.task = undefined;
    }
    this.countPast();
  }

  /** Of all of them, for a new beginning. What they have counted stays. */
  clear(): void {
    this.entries.clear();
  }

  private countPast(): void {
    for (const [id, stats] of this.stats) {
      const entry = this.entries.get(id);
      if (entry !== undefined && !entry.isPast) continue;
      this.stats.delete(id);
      this.past.add(stats);
    }
  }
}

export const isCompleted = ({ task, isPast }: SplitTask): boolean => isPast || task?.state === "completed";
