import { type DeliveryEvent, describeRecord, isSettled, partitionId } from "../event.js";
import { type ReadCompleted, readCompletedMap } from "../read-completed-map.js";
import { Progress } from "./progress.js";
import { recordsOf } from "./records.js";

/** Every commit beyond a record that had not been settled by then, or whose metadata says of such a record that it was. */
export function findCommitViolations(events: readonly DeliveryEvent[], completed: ReadCompleted = readCompletedMap): string[] {
  const records = recordsOf(events);
  const progress = new Progress(records, partitionId);
  const known = new Map(records.map((record) => [`${partitionId(record)}@${record.offset}`, record]));
  const violations: string[] = [];
  for (const event of events) {
    if (isSettled(event)) progress.done(event);
    if (event.kind === "deleted") progress.deleted(event);
    if (event.kind !== "committed") continue;
    const pending = progress.lowest(partitionId(event));
    if (pending !== undefined && event.offset > pending.offset) {
      violations.push(`commit: ${partitionId(event)} was committed at ${event.offset} while ${describeRecord(pending)} was not settled`);
    }
    for (const offset of completed({ offset: event.offset, metadata: event.metadata ?? "" })) {
      const record = known.get(`${partitionId(event)}@${offset}`);
      if (record === undefined || progress.isDone(record)) continue;
      violations.push(
        `commit: the metadata of ${partitionId(event)} at ${event.offset} says of ${describeRecord(record)} that it is settled, and it was not`,
      );
    }
  }
  return violations;
}

/** Every acknowledged commit that took the group back behind an earlier one: what lies between is handled again for no reason. */
export function findCommitRegressions(events: readonly DeliveryEvent[]): string[] {
  const violations: string[] = [];
  const highest = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== "acknowledged") continue;
    const id = partitionId(event);
    const before = highest.get(id) ?? -1;
    if (event.offset < before) violations.push(`commit: ${id} went back from ${before} to ${event.offset}`);
    highest.set(id, Math.max(before, event.offset));
  }
  return violations;
}

/** Partitions whose last acknowledged commit leaves records for the next member although all work had come to an end. */
export function findUncommitted(events: readonly DeliveryEvent[]): string[] {
  const committed = new Map<string, number>();
  const last = new Map<string, number>();
  for (const record of recordsOf(events)) last.set(partitionId(record), Math.max(last.get(partitionId(record)) ?? -1, record.offset));
  for (const event of events) {
    if (event.kind === "acknowledged") committed.set(partitionId(event), event.offset);
    if (event.kind === "deleted" && event.offset > (last.get(partitionId(event)) ?? -1)) last.delete(partitionId(event));
  }
  const behind = [...last].filter(([id, offset]) => (committed.get(id) ?? 0) <= offset);
  return behind.map(([id, offset]) => `commit: ${id} ended at ${committed.get(id) ?? "no offset"}, and its last record is ${offset}`);
}
