import type { PartitionExplanation } from "../consumption.js";
import type { PartitionWork } from "../partition/partition-work.js";
import type { AttachedStage, HeldDelivery } from "./run-scope.js";

/** Between the operators of a pipe a delivery has no stage that could tell about it. */
const between = {
  stage: undefined,
  key: null,
  state: "waiting",
  attempt: 1,
  dueAt: undefined,
  lastError: undefined,
  waitingBehind: 0,
} satisfies Omit<HeldDelivery, "since">;

/** Why a partition stands where it stands. */
export function explainPartition(
  work: PartitionWork,
  stages: readonly AttachedStage[],
  { pausedBy, credit, position }: Pick<PartitionExplanation, "pausedBy" | "credit" | "position">,
  now: number,
): PartitionExplanation {
  const { topic, partition, epoch, ledger, committed, start, logEnd } = work;
  const slot = ledger.headSlot;
  let heldBy: PartitionExplanation["heldBy"];
  if (slot !== undefined) {
    const held = stages.map((stage) => stage.held(work, slot)).find((found) => found !== undefined);
    heldBy = { offset: ledger.frontier, ...(held ?? { ...between, since: work.head?.since ?? now }) };
  }
  const { frontier, unsettled, unsettledBytes, span: offsetSpan } = ledger;
  // what lies behind the last record, such as the end of a transaction, is no record to wait for
  const isAtEnd = unsettled === 0 && position >= logEnd;
  const lag = Math.max(0, (isAtEnd ? frontier : logEnd) - (committed ?? Math.min(start, frontier)));
  // the log may have lost the offset that was committed last, or begin before it
  const uncommitted = Math.max(0, frontier - Math.max(start, committed ?? start));
  return {
    topic,
    partition,
    epoch,
    isDraining: work.state === "draining",
    frontier,
    committed,
    uncommitted,
    position,
    logEnd,
    lag,
    oldestUncommitted: work.uncommitted.oldest,
    unsettled,
    unsettledBytes,
    offsetSpan,
    credit,
    pausedBy,
    heldBy,
  };
}
