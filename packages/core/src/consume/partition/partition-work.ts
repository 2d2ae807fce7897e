import type { AssignedPartition } from "../../transport/transport.js";
import type { Outbox } from "../exactly-once/outbox.js";
import type { Outputs } from "../exactly-once/outputs.js";
import { decodeCompletedMap } from "../ledger/completed-map.js";
import { CompletedOffsets } from "../ledger/completed-offsets.js";
import { Ledger } from "../ledger/ledger.js";
import { Uncommitted } from "../ledger/uncommitted.js";
import type { CreditReason, CreditUse } from "./credit.js";
import { UncommittedSpans } from "./uncommitted-spans.js";

/**
 * - `active`: ours
 * - `draining`: about to move away or to be closed; work that has begun goes on, nothing new begins
 * - `fenced`: gone; nothing of it settles any more
 */
export type PartitionState = "active" | "draining" | "fenced";

/** One partition for the length of one assignment. */
export class PartitionWork implements CreditUse {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly ledger: Ledger;
  readonly spans = new UncommittedSpans();
  state: PartitionState = "active";
  /** The last offset known to be committed, and what was written beside it. */
  committed: number | undefined;
  committedMetadata: string;
  /** `ledger.changes` of that commit. */
  committedChanges = 0;
  readonly uncommitted = new Uncommitted();
  /** Metadata of somebody else stands beside the committed offset. */
  readonly hasForeignMetadata: boolean;
  /** Nothing beyond this offset is begun, because the map of what is settled is about to outgrow a commit's metadata. */
  ceiling: number | undefined;
  readonly logStart: number;
  /** Where reading began. */
  readonly start: number;
  logEnd: number;
  /** What has been holding up the frontier, and since when it is known to. */
  head: { readonly slot: number; readonly since: number } | undefined;
  /** The limit that holds back the fetching. */
  pausedBy: CreditReason | undefined;
  /** The first slot whose work had begun and was given up. */
  givenUpFrom = Number.POSITIVE_INFINITY;
  /** What waits for one key, where that is or was much. */
  private readonly crowded = new Set<{ readonly length: number }>();
  private begun = 0;
  private readonly aborts = new Set<AbortController>();
  private whole: AbortController | undefined;
  private drainedListeners: (() => void)[] = [];

  constructor(
    assigned: AssignedPartition,
    private readonly onSettled: (work: PartitionWork) => void,
    /** Exactly once only: what waits to be committed together with what is settled. */
    readonly outbox?: Outbox,
  ) {
    this.topic = assigned.topic;
    this.partition = assigned.partition;
    this.epoch = assigned.epoch;
    const { position, committed } = assigned;
    const completed = committed && decodeCompletedMap(committed.metadata, committed.offset);
    this.hasForeignMetadata = completed === undefined && (committed?.metadata ?? "") !== "";
    // a log that ends before the commit is another one, and its offsets are other records; one that has lost what lies before is the same
    const isSameLog = committed !== undefined && committed.offset <= position;
    this.ledger = new Ledger(position, new CompletedOffsets(isSameLog ? (completed ?? []) : []));
    this.committed = committed?.offset;
    this.committedMetadata = committed?.metadata ?? "";
    this.logStart = assigned.logStart;
    this.start = position;
    this.logEnd = assigned.logEnd;
  }

  get unsettled(): number {
    return this.ledger.unsettled + (this.outbox?.count ?? 0);
  }
  get unsettledBytes(): number {
    return this.ledger.unsettledBytes + (this.outbox?.bytes ?? 0);
  }
  get span(): number {
    return this.ledger.span;
  }

  /** The most that waits for one key, as far as that is much. */
  get waitingForKey(): number {
    let most = 0;
    for (const lane of this.crowded) {
      if (lane.length === 0) this.crowded.delete(lane);
      most = Math.max(most, lane.length);
    }
    return most;
  }

  /** Everything up to the ceiling has been received. */
  get isAtCeiling(): boolean {
    return this.ceiling !== undefined && this.ledger.frontier + this.ledger.span > this.ceiling;
  }

  get inFlight(): number {
    return this.begun;
  }

  /** `outputs`: what came of the record at `offset` in that slot. */
  settle(slot: number, offset?: number, outputs?: Outputs): void {
    if (this.state === "fenced" || !this.ledger.settle(slot)) return;
    if (offset !== undefined && outputs !== undefined) this.outbox?.add({ offset, records: outputs.records });
    this.onSettled(this);
  }

  /** Work on a delivery has begun that a drain should wait for. */
  begin(): void {
    this.begun++;
  }

  /** Work that had begun is over: settled or given up. */
  end(): void {
    if (--this.begun === 0) this.notifyDrained();
  }

  /** Somebody has asked where the log ends. It may have been answered before the last batch came. */
  sawLogEnd(logEnd: number): void {
    this.logEnd = Math.max(this.logEnd, logEnd);
  }

  /** Much waits for one key, in `lane`. */
  crowd(lane: { readonly length: number }): void {
    this.crowded.add(lane);
  }

  giveUp(slot: number): void {
    this.givenUpFrom = Math.min(this.givenUpFrom, slot);
  }

  /** From now on nothing begins. */
  close(): void {
    if (this.state === "active") this.state = "draining";
  }

  /** Closes it. Resolves when nothing that has begun is left, or the partition is fenced. */
  drain(): Promise<void> {
    this.close();
    if (this.begun === 0 || this.state === "fenced") return Promise.resolve();
    return new Promise((resolve) => this.drainedListeners.push(resolve));
  }

  /** From now on nothing settles; the signals of its deliveries fire. */
  fence(): void {
    if (this.state === "fenced") return;
    this.state = "fenced";
    for (const abort of this.aborts) abort.abort();
    this.aborts.clear();
    this.spans.abandon();
    this.notifyDrained();
  }

  /** Fires when the partition is fenced. */
  get signal(): AbortSignal {
    this.whole ??= this.openAbort();
    return this.whole.signal;
  }

  /** The same for one delivery, whose listeners go with it. */
  openAbort(): AbortController {
    const abort = new AbortController();
    if (this.state === "fenced") abort.abort();
    else this.aborts.add(abort);
    return abort;
  }

  closeAbort(abort: AbortController): void {
    this.aborts.delete(abort);
  }

  private notifyDrained(): void {
    for (const listener of this.drainedListeners.splice(0)) listener();
  }
}
