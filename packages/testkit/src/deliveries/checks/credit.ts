import type { DeliveryEvent } from "../event.js";
import { type ReadCompleted, readCompletedMap } from "../read-completed-map.js";
import { HeldRecords } from "./held.js";

export interface CreditBound {
  /** Unsettled records that a member may have. */
  readonly maxUnsettled: number;
  /** Records that one fetch of a partition brings at most. */
  readonly maxFetch: number;
}

/**
 * Every moment at which a member had more records handed over and not settled than its credit and one fetch for each of its partitions. The credit is dealt to
 * the partitions: one that was alone before others came may still have what it was given then.
 */
export function findCreditViolations(
  events: readonly DeliveryEvent[],
  { maxUnsettled, maxFetch }: CreditBound,
  completed: ReadCompleted = readCompletedMap,
): string[] {
  const violations: string[] = [];
  const held = new HeldRecords(completed);
  for (const event of events) {
    held.follow(event);
    if (event.kind !== "received") continue;
    const all = held.of(event.member);
    for (const each of all) each.fewest = Math.min(each.fewest, all.length);
    const total = all.reduce((sum, { unsettled }) => sum + unsettled.size, 0);
    const bound = all.reduce((sum, { fewest }) => sum + maxUnsettled / fewest + maxFetch, 0);
    if (total <= bound) continue;
    const allowed = `at most ${Math.round(bound)} are allowed (${maxUnsettled} and ${maxFetch} for each of ${all.length} partitions)`;
    violations.push(`credit: ${event.member} had ${total} records unsettled, ${allowed}`);
  }
  return violations;
}
