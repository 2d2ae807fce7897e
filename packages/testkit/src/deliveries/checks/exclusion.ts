import { type DeliveryEvent, describeRecord, type EventOf, partitionId, positionId } from "../event.js";
import { push } from "./progress.js";
import { type UnitOf, units } from "./unit.js";

/**
 * Every start of a record while another one of its unit, or the same one, was worked on in the same stage: by the same member at any time, by
 * others unless the partition was taken away from work that went on (`findShortDrains` judges whether that was too early).
 */
export function findExclusionViolations(events: readonly DeliveryEvent[], unitOf: UnitOf = units.key): string[] {
  const exclusion = new Exclusion(unitOf);
  for (const event of events) {
    if (event.kind === "started") exclusion.started(event);
    else if (event.kind === "ended") exclusion.ended(event);
    else if (event.kind === "fenced") exclusion.fenced(event);
    else if (event.kind === "assigned") exclusion.assigned(event);
    else if (event.kind === "crashed") exclusion.crashed(event);
  }
  return exclusion.violations;
}

interface Running {
  readonly work: EventOf<"started">;
  /** Its partition was taken away before it had ended: the new owner may have begun, its own process must not. */
  outlastsAssignment: boolean;
}

class Exclusion {
  readonly violations: string[] = [];
  /** By stage and unit. */
  readonly #running = new Map<string, Running[]>();
  /** By partition. */
  readonly #latest = new Map<string, number>();

  constructor(private readonly unitOf: UnitOf) {}

  started(event: EventOf<"started">): void {
    const id = this.#idOf(event);
    if (id === undefined) return;
    // a member that has not heard that its session is over goes on
    const isSuperseded = (event.assignment ?? 0) < (this.#latest.get(partitionId(event)) ?? 0);
    for (const { work, outlastsAssignment } of this.#running.get(id) ?? []) {
      if (work.member !== event.member && (outlastsAssignment || isSuperseded)) continue;
      if (event.call !== undefined && work.call === event.call && work.offset !== event.offset) continue;
      this.violations.push(`exclusion: ${describeRecord(event)} started while ${positionId(work)} of the same unit was running`);
    }
    push(this.#running, id, { work: event, outlastsAssignment: isSuperseded });
  }

  ended(event: EventOf<"ended">): void {
    const ofUnit = this.#running.get(this.#idOf(event) ?? "") ?? [];
    const index = ofUnit.findIndex(({ work }) => positionId(work) === positionId(event) && work.assignment === event.assignment);
    if (index >= 0) ofUnit.splice(index, 1);
  }

  fenced({ assignment }: EventOf<"fenced">): void {
    for (const each of [...this.#running.values()].flat()) if (each.work.assignment === assignment) each.outlastsAssignment = true;
  }

  /** The group may go on without a member that has not heard of it. */
  assigned(event: EventOf<"assigned">): void {
    this.#latest.set(partitionId(event), event.assignment);
    for (const each of [...this.#running.values()].flat()) {
      if (partitionId(each.work) === partitionId(event)) each.outlastsAssignment = true;
    }
  }

  crashed({ member }: EventOf<"crashed">): void {
    for (const [id, works] of this.#running) {
      this.#running.set(
        id,
        works.filter(({ work }) => work.member !== member),
      );
    }
  }

  #idOf(event: EventOf<"started" | "ended">): string | undefined {
    const unit = this.unitOf(event);
    return unit === undefined ? undefined : `${event.stage ?? ""} ${unit}`;
  }
}
