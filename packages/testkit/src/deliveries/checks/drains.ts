import { type DeliveryEvent, describeRecord, type EventOf, positionId } from "../event.js";

/**
 * Every work that an orderly end of its assignment did not wait for, although less than `drainTimeoutMs` had passed since it was announced. Work that
 * has taken longer than `handlerTimeoutMs` has failed already.
 */
export function findShortDrains(
  events: readonly DeliveryEvent[],
  drainTimeoutMs: number,
  handlerTimeoutMs: number = Number.POSITIVE_INFINITY,
): string[] {
  const violations: string[] = [];
  const announced = { closing: new Map<number, number>(), revoking: new Map<number, number>() };
  const running = new Map<string, EventOf<"started">>();
  for (const event of events) {
    if (event.kind === "started") running.set(workId(event), event);
    if (event.kind === "ended") running.delete(workId(event));
    if ((event.kind === "closing" || event.kind === "revoking") && event.atMs !== undefined && !announced[event.kind].has(event.assignment)) {
      announced[event.kind].set(event.assignment, event.atMs);
    }
    if (event.kind !== "fenced" || event.atMs === undefined) continue;
    const { assignment, reason, atMs } = event;
    const closing = announced.closing.get(assignment);
    // a stream that begins anew waits for nothing, also not while it is being revoked
    const since = reason === "revoked" ? (announced.revoking.get(assignment) ?? closing) : closing;
    if ((reason !== "revoked" && reason !== "closed") || since === undefined || atMs - since >= drainTimeoutMs) continue;
    for (const work of running.values()) {
      if (work.assignment !== assignment || atMs - (work.atMs ?? atMs) >= handlerTimeoutMs) continue;
      const name = describeRecord(work);
      violations.push(`drain: assignment ${assignment} was ${reason} after ${atMs - since} of ${drainTimeoutMs} ms while ${name} was running`);
    }
  }
  return violations;
}

function workId(event: EventOf<"started" | "ended">): string {
  return `${event.assignment} ${event.stage ?? ""} ${positionId(event)}`;
}
