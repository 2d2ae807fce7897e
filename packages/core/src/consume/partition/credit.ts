import type { ResolvedConsumeOptions } from "../options.js";

export type CreditLimits = ResolvedConsumeOptions["credit"];

/** A limit, or `commitMetadata`: the map of what is settled beyond the frontier is about to outgrow a commit. */
export type CreditReason = keyof CreditLimits | "commitMetadata";

/** What a partition uses of the credit. */
export interface CreditUse {
  readonly unsettled: number;
  readonly unsettledBytes: number;
  readonly span: number;
  readonly waitingForKey: number;
  readonly isAtCeiling: boolean;
}

/** A paused partition resumes when it is below this part of every limit: high enough to have work left while the next fetch is under way. */
const resumeAt = 0.75;

/**
 * How far reading may run ahead of settling. The limits of a stream are dealt equally to its partitions: with one window over all, the partition
 * of a hot key takes it whole and the others starve. Usage may overshoot by one fetch; it is counted all the same.
 */
export class Credit {
  /** What each partition may use. */
  share: CreditLimits;

  constructor(private readonly limits: CreditLimits) {
    this.share = limits;
  }

  /** Deals the limits anew. */
  setPartitions(count: number): void {
    const { maxUnsettled, maxUnsettledBytes } = this.limits;
    const partitions = Math.max(1, count);
    this.share = { ...this.limits, maxUnsettled: maxUnsettled / partitions, maxUnsettledBytes: maxUnsettledBytes / partitions };
  }

  /** The limit that holds back a partition, given whether one did so far; undefined when it may read on. With nothing unsettled it always may. */
  holdsBack(use: CreditUse, paused: boolean): CreditReason | undefined {
    if (use.unsettled === 0) return undefined;
    const part = paused ? resumeAt : 1;
    if (use.unsettled >= this.share.maxUnsettled * part) return "maxUnsettled";
    if (use.unsettledBytes >= this.share.maxUnsettledBytes * part) return "maxUnsettledBytes";
    if (use.span >= this.share.maxOffsetSpan * part) return "maxOffsetSpan";
    if (use.waitingForKey >= this.share.maxWaitingPerKey * part) return "maxWaitingPerKey";
    if (use.isAtCeiling) return "commitMetadata";
    return undefined;
  }
}
