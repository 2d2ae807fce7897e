import { type DeliveryEvent, describeRecord, type EventOf, positionId } from "../event.js";

/** Every work that an orderly end of its assignment did not wait for, although less than `drainTimeoutMs` had passed since it was announced. */
export function findShortDrains(events: readonly DeliveryEvent[], drainTimeoutMs: number): string[] {
  const violations: string[] = [];
  const announced = new Map<number, number | undefined>();
  const running = new Map<string, EventOf<"started">>();
  for (const event of events) {
    if (event.kind === "started") running.set(workId(event), event);
    if (event.kind === "ended") running.delete(workId(event));
    if (event.kind === "closing" || event.kind === "revoking") announced.set(event.assignment, announced.get(event.assignment) ?? event.atMs);
    if (event.kind !== "fenced" || (event.reason !== "revoked" && event.reason !== "closed")) continue;
    const since = announced.get(event.assignment);
    if (since === undefined || event.atMs === undefined || event.atMs - since >= drainTimeoutMs) continue;
    for (const work of running.values()) {
      if (work.assignment !== event.assignment) continue;
      violations.push(
        `drain: assignment ${event.assignment} was ${event.reason} after ${event.atMs - since} of ${drainTimeoutMs} ms while ${describeRecord(work)} was running`,
      );
    }
  }
  return violations;
}

function workId(event: EventOf<"started" | "ended">): string {
  return `${event.assignment} ${event.stage ?? ""} ${positionId(event)}`;
}
