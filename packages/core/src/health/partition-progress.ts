import type { Explanation, PartitionExplanation } from "../consume/consumption.js";
import { partitionName } from "../transport/record.js";

/** A partition, and how long it has not moved. */
export interface Progress {
  readonly partition: PartitionExplanation;
  /** Since when it has something to read, may go on, and has not moved, in ms since the epoch; undefined when one of this is not so. */
  readonly stalledSince: number | undefined;
  /** Since when there is something in the log that was not fetched, as far as that is known. */
  readonly behindSince: number | undefined;
}

interface Seen {
  readonly epoch: number;
  readonly frontier: number;
  readonly position: number;
  readonly stalledSince: number | undefined;
  readonly behind: Behind | undefined;
}

/** What was in the log and not fetched, when that was seen. */
interface Behind {
  readonly since: number;
  readonly logEnd: number;
}

/** Watches by which partitions a stream gets on. A partition that is assigned anew begins anew. */
export class PartitionProgress {
  private seen = new Map<string, Seen>();

  sample(stream: Explanation, now: number): readonly Progress[] {
    const seen = new Map<string, Seen>();
    const progress = stream.partitions.map((partition) => {
      const name = partitionName(partition);
      const found = progressOf(stream, partition, this.seen.get(name), now);
      seen.set(name, found);
      return { partition, stalledSince: found.stalledSince, behindSince: found.behind?.since };
    });
    this.seen = seen;
    return progress;
  }
}

function progressOf(stream: Explanation, partition: PartitionExplanation, before: Seen | undefined, now: number): Seen {
  const { epoch, frontier, position, unsettled, heldBy } = partition;
  // that more is fetched does not help the message that nothing gets past
  const isSame = before?.epoch === epoch && before.frontier === frontier && (unsettled > 0 || before.position === position);
  const stoodStill = isSame ? (before.stalledSince ?? now) : now;
  // a further try is a sign of life, as the first one is
  const since = heldBy?.state === "running" && heldBy.attempt > 1 ? Math.max(stoodStill, heldBy.since) : stoodStill;
  return {
    epoch,
    frontier,
    position,
    stalledSince: waitsForGoodReason(stream, partition, now) ? undefined : since,
    behind: behindOf(partition, before, now),
  };
}

/** Where there is always something to fetch, it is not always the same: once all of it has been fetched, what is there has come since. */
function behindOf({ epoch, position, logEnd }: PartitionExplanation, before: Seen | undefined, now: number): Behind | undefined {
  if (position >= logEnd) return undefined;
  const known = before?.epoch === epoch ? before.behind : undefined;
  return known !== undefined && position < known.logEnd ? known : { since: now, logEnd };
}

/** A stream that is closed, interrupted or about to begin has other ways to say so. */
function waitsForGoodReason(stream: Explanation, { isDraining, pausedBy, unsettled, position, logEnd, heldBy }: PartitionExplanation, now: number) {
  if (stream.state !== "running" || pausedBy === "user") return true;
  // it moves to another member
  if (isDraining) return true;
  if (unsettled === 0 && position >= logEnd) return true;
  return heldBy?.dueAt !== undefined && heldBy.dueAt > now;
}
