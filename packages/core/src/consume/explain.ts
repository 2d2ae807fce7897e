import type { PartitionExplanation } from "./consumption.js";
import type { PartitionWork } from "./partition-work.js";
import type { AttachedStage, HeldDelivery } from "./run-scope.js";

/** Between the operators of a pipe a delivery has no stage that could tell about it. */
const between = { stage: undefined, key: null, state: "waiting", attempt: 1, lastError: undefined, waitingBehind: 0 } satisfies Omit<
  HeldDelivery,
  "since"
>;

/** Why a partition stands where it stands. */
export function explainPartition(
  work: PartitionWork,
  stages: readonly AttachedStage[],
  { pausedBy, credit }: Pick<PartitionExplanation, "pausedBy" | "credit">,
  now: number,
): PartitionExplanation {
  const { topic, partition, epoch, ledger, committed, logEnd } = work;
  const slot = ledger.headSlot;
  let heldBy: PartitionExplanation["heldBy"];
  if (slot !== undefined) {
    const held = stages.map((stage) => stage.held(work, slot)).find((found) => found !== undefined);
    heldBy = { offset: ledger.frontier, ...(held ?? { ...between, since: work.head?.since ?? now }) };
  }
  const { frontier, unsettled, unsettledBytes, span: offsetSpan } = ledger;
  return { topic, partition, epoch, frontier, committed, logEnd, unsettled, unsettledBytes, offsetSpan, credit, pausedBy, heldBy };
}
