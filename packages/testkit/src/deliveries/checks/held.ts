import { type DeliveryEvent, type EventOf, isSettled, type KeyedRecord, partitionId } from "../event.js";
import { type ReadCompleted, settledBefore } from "../read-completed-map.js";

/** What each assignment has been handed over and not settled, kept up with a history. */
export class HeldRecords {
  readonly #held = new Map<number, Held>();

  constructor(private readonly completed: ReadCompleted) {}

  follow(event: DeliveryEvent): void {
    if (event.kind === "assigned") this.#held.set(event.assignment, new Held(event, this.completed));
    // a stream that closes takes nothing in any more
    else if (event.kind === "fenced" || event.kind === "closing") this.#held.delete(event.assignment);
    else if (event.kind === "crashed") for (const { assigned } of this.of(event.member)) this.#held.delete(assigned.assignment);
    else if (event.kind === "started" && event.assignment !== undefined) this.#held.get(event.assignment)?.waiting.delete(event.offset);
    else if (event.kind === "received") this.#held.get(event.assignment)?.received(event);
    else if (isSettled(event)) for (const held of this.#held.values()) held.settled(event);
  }

  /** That of an assignment; undefined where it is over. */
  get(assignment: number): Held | undefined {
    return this.#held.get(assignment);
  }

  /** Those of a member. */
  of(member: string): readonly Held[] {
    return [...this.#held.values()].filter(({ assigned }) => assigned.member === member);
  }
}

/** An assignment, and what of it has been handed over and not settled. */
export class Held {
  /** Offsets, ascending. */
  readonly unsettled = new Set<number>();
  /** What of it has not been begun, by its offset. */
  readonly waiting = new Map<number, KeyedRecord>();
  /** The fewest partitions that the member had while this one received. */
  fewest = Number.POSITIVE_INFINITY;
  readonly #settledBefore: ReadonlySet<number>;
  #highest = -1;

  constructor(
    readonly assigned: EventOf<"assigned">,
    completed: ReadCompleted,
  ) {
    this.#settledBefore = settledBefore(assigned, completed);
  }

  /** Offsets from the lowest unsettled record to the newest one; 0 where all are settled. */
  get span(): number {
    const [lowest] = this.unsettled;
    return lowest === undefined ? 0 : this.#highest + 1 - lowest;
  }

  /** Whether a record has come neither before nor been settled before. */
  isNew(offset: number): boolean {
    return offset > this.#highest && !this.#settledBefore.has(offset);
  }

  received({ topic, partition, records }: EventOf<"received">): void {
    for (const { offset, key } of records) {
      if (this.isNew(offset)) {
        this.unsettled.add(offset);
        this.waiting.set(offset, { topic, partition, offset, key });
      }
      this.#highest = Math.max(this.#highest, offset);
    }
  }

  settled(event: EventOf<"ended">): void {
    if (partitionId(event) !== partitionId(this.assigned)) return;
    this.unsettled.delete(event.offset);
    this.waiting.delete(event.offset);
  }
}
