import { type DeliveryEvent, describeRecord, type KeyedRecord, partitionId } from "../event.js";
import { Calls } from "./calls.js";
import { Progress } from "./progress.js";
import { recordsOf } from "./records.js";
import { type UnitOf, units } from "./unit.js";

/** Every start of a record while an earlier one of its unit (its key, in its partition) had not been settled, nor passed by the same stage. */
export function findOrderViolations(events: readonly DeliveryEvent[], unitOf: UnitOf = units.key): string[] {
  const records = recordsOf(events);
  const unitInPartition = (record: KeyedRecord) => {
    const unit = unitOf(record);
    return unit === undefined ? undefined : `${partitionId(record)} ${unit}`;
  };
  const stages = new Set(events.flatMap((event) => (event.kind === "started" ? [event.stage] : [])));
  return [...stages].flatMap((stage) => violationsIn(stage, events, new Progress(records, unitInPartition)));
}

function violationsIn(stage: string | undefined, events: readonly DeliveryEvent[], progress: Progress): string[] {
  const violations: string[] = [];
  const calls = new Calls();
  for (const event of events) {
    if (event.kind === "deleted") progress.deleted(event);
    if (event.kind === "ended" && (event.outcome === "settled" || (event.outcome === "passed" && event.stage === stage))) progress.done(event);
    if (event.kind !== "started" || event.stage !== stage || calls.follows(event)) continue;
    const earlier = progress.before(event);
    if (earlier === undefined) continue;
    violations.push(`order: ${describeRecord(event)} started before offset ${earlier.offset} of the same unit was settled`);
  }
  return violations;
}
