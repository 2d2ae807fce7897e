import { type DeliveryEvent, describeRecord, isSettled, positionId } from "../event.js";
import { Progress } from "./progress.js";

/** Every published record that was never settled, unless it was deleted before anybody did. */
export function findLost(events: readonly DeliveryEvent[]): string[] {
  const published = events.filter((event) => event.kind === "published");
  const progress = new Progress(published, () => "all");
  for (const event of events) {
    if (isSettled(event)) progress.done(event);
    else if (event.kind === "deleted") progress.deleted(event);
  }
  return published.filter((record) => !progress.isDone(record)).map((record) => `lost: ${describeRecord(record)} was published and never settled`);
}

/** How often a record was settled again: what at least once allows, and effects should expect. */
export function countDuplicates(events: readonly DeliveryEvent[]): number {
  const settled = events.filter(isSettled);
  return settled.length - new Set(settled.map(positionId)).size;
}
