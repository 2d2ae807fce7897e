import { type DeliveryEvent, type EventOf, isSettled, partitionId } from "../event.js";
import { type ReadCompleted, readCompletedMap, settledBefore } from "../read-completed-map.js";

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
  const held = new Map<number, Held>();
  for (const event of events) {
    if (event.kind === "assigned") held.set(event.assignment, new Held(event, completed));
    // a stream that closes takes nothing in any more
    else if (event.kind === "fenced" || event.kind === "closing") held.delete(event.assignment);
    else if (event.kind === "crashed") for (const [id, { member }] of held) if (member === event.member) held.delete(id);
    if (isSettled(event)) for (const each of held.values()) each.settled(event);
    if (event.kind !== "received") continue;
    held.get(event.assignment)?.received(event);
    const all = [...held.values()].filter(({ member }) => member === event.member);
    for (const each of all) each.sharesWith(all.length);
    const total = all.reduce((sum, { unsettled }) => sum + unsettled.size, 0);
    const bound = all.reduce((sum, { fewest }) => sum + maxUnsettled / fewest + maxFetch, 0);
    if (total <= bound) continue;
    const allowed = `at most ${Math.round(bound)} are allowed (${maxUnsettled} and ${maxFetch} for each of ${all.length} partitions)`;
    violations.push(`credit: ${event.member} had ${total} records unsettled, ${allowed}`);
  }
  return violations;
}

/** An assignment, and what of it has been handed over and not settled. */
class Held {
  readonly member: string;
  readonly unsettled = new Set<number>();
  /** The fewest partitions that the credit was dealt to while it received. */
  fewest = Number.POSITIVE_INFINITY;
  readonly #partition: string;
  readonly #settledBefore: ReadonlySet<number>;
  #highest = -1;

  constructor(assigned: EventOf<"assigned">, completed: ReadCompleted) {
    this.member = assigned.member;
    this.#partition = partitionId(assigned);
    this.#settledBefore = settledBefore(assigned, completed);
  }

  sharesWith(partitions: number): void {
    this.fewest = Math.min(this.fewest, partitions);
  }

  received({ records }: EventOf<"received">): void {
    for (const { offset } of records) {
      if (offset > this.#highest && !this.#settledBefore.has(offset)) this.unsettled.add(offset);
      this.#highest = Math.max(this.#highest, offset);
    }
  }

  settled(event: EventOf<"ended">): void {
    if (partitionId(event) === this.#partition) this.unsettled.delete(event.offset);
  }
}
