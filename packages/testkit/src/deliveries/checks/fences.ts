import { type DeliveryEvent, describeRecord, type InAssignment, partitionId } from "../event.js";

/**
 * Everything that went on for an assignment after it had ended: records handed over, work started, commits asked for. Work of the first stage may
 * start only until the partition is to be given up.
 */
export function findFenceViolations(events: readonly DeliveryEvent[]): string[] {
  const violations: string[] = [];
  const fenced = new Set<number>();
  const revoking = new Set<number>();
  const begun = new Map<number, Set<number>>();
  const crashed = new Set<string>();
  const report = (what: string, { member, assignment }: InAssignment) =>
    violations.push(`fence: ${what} by ${member} in assignment ${assignment}, which had ended`);
  for (const event of events) {
    if (event.kind === "crashed") crashed.add(event.member);
    if (event.kind === "revoking") revoking.add(event.assignment);
    if (event.kind === "fenced") {
      fenced.add(event.assignment);
      revoking.add(event.assignment);
    }
    if (event.kind !== "received" && event.kind !== "started" && event.kind !== "committed") continue;
    const { member, assignment } = event;
    if (member === undefined || assignment === undefined) continue;
    if (crashed.has(member)) violations.push(`fence: ${event.kind} in ${partitionId(event)} by ${member}, which had crashed`);
    else if (event.kind === "received" && revoking.has(assignment))
      report(`records of ${partitionId(event)} were handed over`, { member, assignment });
    else if (event.kind === "committed" && fenced.has(assignment))
      report(`${partitionId(event)} was committed at ${event.offset}`, { member, assignment });
    else if (event.kind === "started") {
      const offsets = begun.get(assignment) ?? new Set();
      begun.set(assignment, offsets);
      if (fenced.has(assignment) || (revoking.has(assignment) && !offsets.has(event.offset))) {
        report(`${describeRecord(event)} was started`, { member, assignment });
      }
      offsets.add(event.offset);
    }
  }
  return violations;
}
