import { type DeliveryEvent, describeRecord, type EventOf, type KeyedRecord, partitionId } from "../event.js";
import { type ReadCompleted, readCompletedMap, settledBefore } from "../read-completed-map.js";
import { Calls } from "./calls.js";
import { push } from "./progress.js";
import { type UnitOf, units } from "./unit.js";

/**
 * Every start of a record while its assignment had handed over an earlier one of its unit that it had not seen to its end itself. Stricter than
 * `findOrderViolations`: what another assignment has settled does not count, but for what the group had written down as completed.
 */
export function findOrderViolationsInAssignments(
  events: readonly DeliveryEvent[],
  unitOf: UnitOf = units.key,
  completed: ReadCompleted = readCompletedMap,
): string[] {
  const stages = new Set(events.flatMap((event) => (event.kind === "started" ? [event.stage] : [])));
  return [...stages].flatMap((stage) => {
    const order = new OrderInStage(stage, unitOf, completed);
    for (const event of events) order.see(event);
    return order.violations;
  });
}

interface Assignment {
  readonly settledBefore: ReadonlySet<number>;
  /** What a transport hands over once more counts once. */
  highest: number;
  /** By unit: the offsets that were handed over and not seen to their end, lowest first. */
  readonly pending: Map<string, number[]>;
}

class OrderInStage {
  readonly violations: string[] = [];
  readonly #assignments = new Map<number, Assignment>();
  readonly #ofPartition = new Map<string, Assignment[]>();
  readonly #calls = new Calls();

  constructor(
    private readonly stage: string | undefined,
    private readonly unitOf: UnitOf,
    private readonly completed: ReadCompleted,
  ) {}

  see(event: DeliveryEvent): void {
    if (event.kind === "assigned") this.#assigned(event);
    else if (event.kind === "received") this.#received(event);
    else if (event.kind === "ended") this.#ended(event);
    else if (event.kind === "started" && event.stage === this.stage) this.#started(event);
  }

  #assigned(event: EventOf<"assigned">): void {
    const assignment: Assignment = { settledBefore: settledBefore(event, this.completed), highest: -1, pending: new Map() };
    this.#assignments.set(event.assignment, assignment);
    push(this.#ofPartition, partitionId(event), assignment);
  }

  #received({ topic, partition, records, assignment: id }: EventOf<"received">): void {
    const assignment = this.#assignments.get(id);
    if (assignment === undefined) return;
    for (const { offset, key } of records) {
      if (offset <= assignment.highest) continue;
      assignment.highest = offset;
      const unit = this.unitOf({ topic, partition, offset, key });
      if (unit !== undefined && !assignment.settledBefore.has(offset)) push(assignment.pending, unit, offset);
    }
  }

  #ended(event: EventOf<"ended">): void {
    if (event.outcome === "failed" || (event.outcome === "passed" && event.stage !== this.stage)) return;
    const own = event.assignment === undefined ? undefined : this.#assignments.get(event.assignment);
    // a dead letter does not say in which assignment its record failed
    const assignments = own === undefined ? (this.#ofPartition.get(partitionId(event)) ?? []) : [own];
    for (const assignment of assignments) this.#done(assignment, event);
  }

  #done({ pending }: Assignment, record: KeyedRecord): void {
    const offsets = pending.get(this.unitOf(record) ?? "") ?? [];
    const index = offsets.indexOf(record.offset);
    if (index >= 0) offsets.splice(index, 1);
  }

  #started(event: EventOf<"started">): void {
    if (this.#calls.follows(event)) return;
    const pending = event.assignment === undefined ? undefined : this.#assignments.get(event.assignment)?.pending;
    const earlier = pending?.get(this.unitOf(event) ?? "")?.[0];
    if (earlier === undefined || earlier >= event.offset) return;
    const name = describeRecord(event);
    this.violations.push(`order: ${name} started before offset ${earlier} of the same unit, received in the same assignment, was settled`);
  }
}
