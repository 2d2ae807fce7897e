import { type DeliveryEvent, describeRecord, type EventOf, partitionId, positionId } from "../event.js";
import { type ReadCompleted, readCompletedMap } from "../read-completed-map.js";

/** What acknowledged commits of a partition cover: all offsets below, and these. */
interface Coverage {
  readonly below: number;
  readonly completed: ReadonlySet<number>;
}

interface Assignment {
  /** Where in the history it began, and what was covered then. */
  readonly since: number;
  readonly covered: Coverage;
  /** Where in the history it was said that it ends. */
  announcedAt?: number;
  /** Whether its last commit was acknowledged. */
  isCommitted: boolean;
  /** What was settled by then, in the history, it has had the time to commit. */
  inTimeUntil?: number;
}

export interface NeedlessRepeatsOptions {
  readonly completed?: ReadCompleted;
  /** Whether the transport waits for a revocation; if not, only a close is orderly. @default true */
  readonly awaited?: boolean;
}

/**
 * Every start of a record that should not have come again: one that an acknowledged commit covered before the assignment began; one that had been
 * settled in an assignment which ended in an orderly way; one that the same assignment had started and not failed. So what remains is what at least once
 * allows: what was in flight or settled since the last acknowledged commit, after a crash, a loss, or a drain that ran out of time.
 */
export function findNeedlessRepeats(events: readonly DeliveryEvent[], options: NeedlessRepeatsOptions = {}): string[] {
  const repeats = new Repeats(options.completed ?? readCompletedMap, options.awaited ?? true);
  for (const [at, event] of events.entries()) repeats.see(event, at);
  return repeats.violations;
}

class Repeats {
  readonly violations: string[] = [];
  readonly #covered = new Map<string, Coverage>();
  /** By partition, where in the history its offsets began to mean something else. */
  readonly #resetAt = new Map<string, number>();
  /** By member, where in the history it asked for a commit last, of whatever partition. */
  readonly #lastCommitAt = new Map<string, number>();
  readonly #assignments = new Map<number, Assignment>();
  /** By record, where in the history it was settled last, and in which assignment. */
  readonly #settled = new Map<string, { readonly assignment: number | undefined; readonly at: number }>();
  /** Works that have been started in an assignment and not failed. */
  readonly #begun = new Set<string>();

  constructor(
    private readonly completed: ReadCompleted,
    private readonly awaited: boolean,
  ) {}

  see(event: DeliveryEvent, at: number): void {
    if (event.kind === "assigned") this.#assigned(event, at);
    else if (event.kind === "closing" || event.kind === "revoking") this.#announced(event, at);
    else if (event.kind === "committed") this.#asked(event, at);
    else if (event.kind === "acknowledged") this.#acknowledged(event);
    else if (event.kind === "fenced") this.#fenced(event, at);
    else if (event.kind === "started") this.#started(event);
    else if (event.kind === "ended") this.#ended(event, at);
  }

  #assigned(event: EventOf<"assigned">, at: number): void {
    const { committed, position } = event;
    // the log ends before the committed offset: what follows are other records
    if (committed !== undefined && committed.offset > position) {
      this.#covered.delete(partitionId(event));
      this.#resetAt.set(partitionId(event), at);
    }
    this.#assignments.set(event.assignment, { since: at, covered: this.#coverage(event), isCommitted: true });
  }

  #coverage(event: EventOf<"assigned" | "acknowledged">): Coverage {
    return this.#covered.get(partitionId(event)) ?? { below: 0, completed: new Set() };
  }

  #announced({ assignment: id }: EventOf<"closing" | "revoking">, at: number): void {
    const assignment = this.#assignments.get(id);
    if (assignment !== undefined) assignment.announcedAt ??= at;
  }

  #asked({ assignment: id = -1, member }: EventOf<"committed">, at: number): void {
    const assignment = this.#assignments.get(id);
    if (assignment !== undefined) assignment.isCommitted = false;
    if (member !== undefined) this.#lastCommitAt.set(member, at);
  }

  #acknowledged(event: EventOf<"acknowledged">): void {
    const assignment = this.#assignments.get(event.assignment ?? -1);
    if (assignment !== undefined) assignment.isCommitted = true;
    const { offset, metadata = "" } = event;
    const before = this.#coverage(event);
    const completed = new Set([...before.completed, ...this.completed({ offset, metadata })]);
    this.#covered.set(partitionId(event), { below: Math.max(before.below, offset), completed });
  }

  #fenced({ assignment: id, member, reason }: EventOf<"fenced">, at: number): void {
    const assignment = this.#assignments.get(id);
    const orderly = reason === "closed" || (reason === "revoked" && this.awaited);
    if (!orderly || !assignment?.isCommitted) return;
    const { announcedAt = at } = assignment;
    const lastCommitAt = this.#lastCommitAt.get(member) ?? -1;
    // when the drain runs out of time, work may end while the last commit is on its way
    assignment.inTimeUntil = lastCommitAt > announcedAt ? lastCommitAt : at;
  }

  #started(event: EventOf<"started">): void {
    if (event.assignment === undefined) return;
    const name = describeRecord(event);
    if (this.#begun.has(workId(event))) this.violations.push(`repeat: ${name} was started a second time in assignment ${event.assignment}`);
    this.#begun.add(workId(event));
    const { since, covered } = this.#assignments.get(event.assignment) ?? {};
    if (since === undefined || covered === undefined) return;
    if (event.offset < covered.below || covered.completed.has(event.offset)) {
      this.violations.push(`repeat: ${name} was started although a commit acknowledged before the assignment covers it`);
      return;
    }
    const last = this.#settled.get(positionId(event));
    if (last?.assignment === undefined || last.assignment === event.assignment) return;
    if (last.at < (this.#resetAt.get(partitionId(event)) ?? -1)) return;
    const end = this.#assignments.get(last.assignment)?.inTimeUntil;
    if (end !== undefined && last.at < end && end < since)
      this.violations.push(`repeat: ${name} was started again although it was settled before an orderly handover`);
  }

  #ended(event: EventOf<"ended">, at: number): void {
    if (event.outcome === "failed") this.#begun.delete(workId(event));
    if (event.outcome === "settled") this.#settled.set(positionId(event), { assignment: event.assignment, at });
  }
}

function workId({ assignment, stage = "", ...record }: EventOf<"started" | "ended">): string {
  return `${assignment} ${stage} ${positionId(record)}`;
}
