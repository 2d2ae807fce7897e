import { type DeliveryEvent, isSettled, partitionId, positionId } from "../event.js";

export interface CreditBound {
  /** Unsettled records that a member may have. */
  readonly maxUnsettled: number;
  /** Records that one fetch of a partition brings at most. */
  readonly maxFetch: number;
}

/** Every moment at which a member had more records handed over and not settled than its credit and one fetch for each of its partitions. */
export function findCreditViolations(events: readonly DeliveryEvent[], { maxUnsettled, maxFetch }: CreditBound): string[] {
  const violations: string[] = [];
  /** By assignment: who has it, and what of it is not settled. */
  const held = new Map<number, { readonly member: string; readonly partition: string; readonly unsettled: Set<string>; highest: number }>();
  for (const event of events) {
    if (event.kind === "assigned")
      held.set(event.assignment, { member: event.member, partition: partitionId(event), unsettled: new Set(), highest: -1 });
    if (event.kind === "fenced") held.delete(event.assignment);
    if (event.kind === "crashed") for (const [id, { member }] of held) if (member === event.member) held.delete(id);
    if (isSettled(event)) for (const { unsettled } of held.values()) unsettled.delete(positionId(event));
    if (event.kind !== "received") continue;
    const own = held.get(event.assignment);
    if (own === undefined) continue;
    for (const { offset } of event.records) {
      if (offset > own.highest) own.unsettled.add(positionId({ ...event, offset }));
      own.highest = Math.max(own.highest, offset);
    }
    const all = [...held.values()].filter(({ member }) => member === event.member);
    const total = all.reduce((sum, { unsettled }) => sum + unsettled.size, 0);
    const bound = maxUnsettled + all.length * maxFetch;
    if (total > bound)
      violations.push(
        `credit: ${event.member} had ${total} records unsettled, at most ${bound} are allowed (${maxUnsettled} and ${maxFetch} for each of ${all.length} partitions)`,
      );
  }
  return violations;
}
