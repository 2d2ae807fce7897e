import type { PrintedEvent } from "../verifiable/events.js";

/** What became of the records of one run, by what the processes printed. */
export interface LedgerReport {
  /** Records that the cluster acknowledged. */
  readonly published: number;
  /** Acknowledged and handled by nobody, as `t[0]@7`. */
  readonly lost: readonly string[];
  /** Values that stand in the log more than once. */
  readonly writtenTwice: readonly string[];
  /** How often a record was handled again. */
  readonly duplicates: number;
  /** Records that were handled for the first time after a later one of their key. */
  readonly outOfOrder: readonly string[];
  /** Records that were begun while another of their key was at work in the same process. */
  readonly overlaps: readonly string[];
  /** The same over several processes: only where a drain did not finish. */
  readonly overlapsBetweenProcesses: readonly string[];
  /** Commits beyond a record that nobody had handled when the commit was acknowledged. */
  readonly commitsAhead: readonly string[];
  /** Records that were handled again by somebody who got the partition after a commit beyond them. */
  readonly repeatsBelowCommit: readonly string[];
}

interface Handled {
  readonly member: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** When `member` had got the partition; 0 where that was not told. */
  readonly assignedAt: number;
}

interface Entry {
  readonly id: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  value: string;
  acked: boolean;
  readonly handled: Handled[];
}

/** Notes what producers and consumers print, outside of them, and holds it against the promises. It shares no code with what it checks. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  /** By member: what is at work, with the time of its start. */
  readonly #running = new Map<string, Map<string, { readonly entry: Entry; readonly at: number }>>();
  readonly #overlaps: string[] = [];
  /** By member and partition: when it got it last. */
  readonly #assignedAt = new Map<string, number>();
  readonly #commits: { readonly partition: number; readonly offset: number; readonly at: number }[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #lastHandledAt = new Map<number, number>();
  /** Distinct records that were handled. */
  handled = 0;
  acked = 0;
  /** Sends that ended with an error after which the record may be in the log all the same. */
  unknown = 0;

  add(member: string, event: PrintedEvent): void {
    switch (event.name) {
      case "producer_send_success":
        this.#ack(event);
        break;
      case "producer_send_error":
        if (event.may_have_been_written) this.unknown++;
        break;
      case "record_started":
        this.#start(member, event);
        break;
      case "record_failed":
        this.#runningIn(member).delete(idOf(event));
        break;
      case "record_data":
        this.#handle(member, event);
        break;
      case "partitions_assigned":
        for (const { partition } of event.partitions) this.#assignedAt.set(`${member} ${partition}`, event.timestamp);
        break;
      case "offsets_committed":
        if (!event.success) break;
        for (const { partition, offset } of event.offsets) this.#commits.push({ partition, offset, at: event.timestamp });
        break;
      default:
        break;
    }
  }

  /** A process was killed: what it had at work ended there. */
  died(member: string): void {
    this.#running.delete(member);
  }

  /** Resolves when `holds`, asked again after each record that was handled for the first time or again. */
  until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#listeners.delete(check);
        signal.removeEventListener("abort", fail);
      };
      const check = (): void => {
        if (!holds()) return;
        settle();
        resolve();
      };
      const fail = (): void => {
        settle();
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
      };
      this.#listeners.add(check);
      signal.addEventListener("abort", fail);
      check();
    });
  }

  /** When a record of `partition` was handled last, ms since the epoch. */
  lastHandledAt(partition: number): number {
    return this.#lastHandledAt.get(partition) ?? 0;
  }

  /** Acknowledged records that nobody has handled. `logStarts`: what lies before was deleted. */
  unhandled(logStarts: ReadonlyMap<number, number> = new Map()): number {
    return [...this.#entries.values()].filter((entry) => isMissing(entry, logStarts)).length;
  }

  report(logStarts: ReadonlyMap<number, number> = new Map()): LedgerReport {
    const entries = [...this.#entries.values()].toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
    return {
      published: this.acked,
      lost: entries.filter((entry) => isMissing(entry, logStarts)).map(({ id }) => id),
      writtenTwice: writtenTwice(entries),
      duplicates: entries.reduce((sum, { handled }) => sum + Math.max(0, handled.length - 1), 0),
      outOfOrder: outOfOrder(entries),
      overlaps: this.#overlaps,
      overlapsBetweenProcesses: overlapsBetweenProcesses(entries),
      commitsAhead: this.#commits.flatMap(({ partition, offset, at }) => commitsAhead(entries, partition, offset, at, logStarts)),
      repeatsBelowCommit: this.#repeatsBelowCommit(entries),
    };
  }

  /** Who gets a partition goes on at the last commit, or beyond. */
  #repeatsBelowCommit(entries: readonly Entry[]): string[] {
    return entries.flatMap(({ id, partition, offset, handled }) =>
      handled.slice(1).flatMap(({ member, assignedAt }) => {
        const before = this.#commits.filter((commit) => commit.partition === partition && commit.at < assignedAt);
        const committed = Math.max(0, ...before.map((commit) => commit.offset));
        return offset < committed ? [`${id} was handled again by ${member}, which got the partition after ${committed} had been committed`] : [];
      }),
    );
  }

  #entry(event: { partition: number; offset: number; key: string | null; value: string; topic: string }): Entry {
    const id = idOf(event);
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      const { partition, offset, key, value } = event;
      entry = { id, partition, offset, key: key ?? id, value, acked: false, handled: [] };
      this.#entries.set(id, entry);
    }
    return entry;
  }

  #ack(event: Extract<PrintedEvent, { name: "producer_send_success" }>): void {
    this.#entry(event).acked = true;
    this.acked++;
  }

  #start(member: string, event: Extract<PrintedEvent, { name: "record_started" | "record_data" | "record_failed" }>): void {
    const entry = this.#entry(event);
    const running = this.#runningIn(member);
    for (const other of running.values()) {
      if (other.entry.key === entry.key)
        this.#overlaps.push(`${entry.id} was begun by ${member} while it had ${other.entry.id} of the same key at work`);
    }
    running.set(entry.id, { entry, at: event.timestamp });
  }

  #handle(member: string, event: Extract<PrintedEvent, { name: "record_started" | "record_data" | "record_failed" }>): void {
    const entry = this.#entry(event);
    const startedAt = this.#runningIn(member).get(entry.id)?.at ?? event.timestamp;
    this.#runningIn(member).delete(entry.id);
    if (entry.handled.length === 0) this.handled++;
    const assignedAt = this.#assignedAt.get(`${member} ${entry.partition}`) ?? 0;
    entry.handled.push({ member, startedAt, endedAt: event.timestamp, assignedAt });
    this.#lastHandledAt.set(entry.partition, Math.max(this.lastHandledAt(entry.partition), event.timestamp));
    for (const listener of this.#listeners) listener();
  }

  #runningIn(member: string): Map<string, { readonly entry: Entry; readonly at: number }> {
    const running = this.#running.get(member) ?? new Map();
    this.#running.set(member, running);
    return running;
  }
}

const idOf = ({ topic, partition, offset }: { topic: string; partition: number; offset: number }): string => `${topic}[${partition}]@${offset}`;

const isMissing = ({ acked, handled, partition, offset }: Entry, logStarts: ReadonlyMap<number, number>): boolean =>
  acked && handled.length === 0 && offset >= (logStarts.get(partition) ?? 0);

function writtenTwice(entries: readonly Entry[]): string[] {
  const seen = new Map<string, Entry>();
  return entries.flatMap((entry) => {
    const other = seen.get(entry.value);
    seen.set(entry.value, entry);
    return other === undefined ? [] : [`value ${entry.value} stands at ${other.id} and at ${entry.id}`];
  });
}

const firstEnd = ({ handled }: Entry): number => Math.min(...handled.map(({ endedAt }) => endedAt));

/** Entries come in the order of their offsets. */
function outOfOrder(entries: readonly Entry[]): string[] {
  const latest = new Map<string, { readonly entry: Entry; readonly at: number }>();
  return entries.flatMap((entry) => {
    if (entry.handled.length === 0) return [];
    const [at, before] = [firstEnd(entry), latest.get(entry.key)];
    if (before === undefined || at >= before.at) latest.set(entry.key, { entry, at });
    return before !== undefined && at < before.at ? [`${before.entry.id} was handled after ${entry.id} of the same key`] : [];
  });
}

function overlapsBetweenProcesses(entries: readonly Entry[]): string[] {
  const byKey = new Map<string, (Handled & { readonly id: string })[]>();
  for (const { key, id, handled } of entries) {
    const runs = byKey.get(key) ?? [];
    byKey.set(key, runs);
    for (const each of handled) runs.push({ ...each, id });
  }
  const found: string[] = [];
  for (const runs of byKey.values()) {
    const sorted = runs.toSorted((a, b) => a.startedAt - b.startedAt);
    let last: (Handled & { readonly id: string }) | undefined;
    for (const run of sorted) {
      // times are whole milliseconds
      if (last !== undefined && last.member !== run.member && run.startedAt < last.endedAt) {
        found.push(`${run.id} was begun by ${run.member} while ${last.member} had ${last.id} of the same key at work`);
      }
      if (last === undefined || run.endedAt > last.endedAt) last = run;
    }
  }
  return found;
}

/** A commit may be printed a moment after it happened, never before; what it claims was handled by then. */
function commitsAhead(entries: readonly Entry[], partition: number, offset: number, at: number, logStarts: ReadonlyMap<number, number>): string[] {
  return entries
    .filter((entry) => entry.partition === partition && entry.offset < offset && entry.offset >= (logStarts.get(partition) ?? 0))
    .filter((entry) => entry.acked && !entry.handled.some(({ endedAt }) => endedAt <= at))
    .map(({ id }) => `${offset} of partition ${partition} was committed before ${id} was handled`);
}
