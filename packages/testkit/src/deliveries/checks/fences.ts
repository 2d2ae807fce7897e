import { type DeliveryEvent, describeRecord, type EventOf, type InAssignment, partitionId } from "../event.js";

/**
 * Everything that went on for an assignment after it had ended: records handed over, work started, commits asked for. Work of the first stage may
 * start only until the partition is to be given up.
 */
export function findFenceViolations(events: readonly DeliveryEvent[]): string[] {
  const fences = new Fences();
  for (const event of events) fences.see(event);
  return fences.violations;
}

class Fences {
  readonly violations: string[] = [];
  readonly #crashed = new Set<string>();
  /** Assignments whose transport has taken them away, or begun to. */
  readonly #revoking = new Set<number>();
  /** Assignments in which nothing may begin any more. */
  readonly #closed = new Set<number>();
  readonly #fenced = new Set<number>();
  /** By assignment, the offsets on which work has begun. */
  readonly #begun = new Map<number, Set<number>>();

  see(event: DeliveryEvent): void {
    if (event.kind === "crashed") this.#crashed.add(event.member);
    else if (event.kind === "closing") this.#closed.add(event.assignment);
    else if (event.kind === "revoking" || event.kind === "fenced") {
      this.#closed.add(event.assignment);
      this.#revoking.add(event.assignment);
      if (event.kind === "fenced") this.#fenced.add(event.assignment);
    } else if (event.kind === "received")
      this.#mustBe(!this.#revoking.has(event.assignment), event, `records of ${partitionId(event)} were handed over`);
    else if (event.kind === "committed") {
      this.#mustBe(!this.#fenced.has(event.assignment ?? -1), event, `${partitionId(event)} was committed at ${event.offset}`);
    } else if (event.kind === "started") this.#mustBe(this.#mayStart(event), event, `${describeRecord(event)} was started`);
  }

  #mayStart({ assignment, offset }: EventOf<"started">): boolean {
    if (assignment === undefined) return true;
    const begun = this.#begun.get(assignment) ?? new Set();
    this.#begun.set(assignment, begun);
    const goesOn = begun.has(offset);
    begun.add(offset);
    return goesOn ? !this.#fenced.has(assignment) : !this.#closed.has(assignment);
  }

  #mustBe(allowed: boolean, { member, assignment }: Partial<InAssignment>, what: string): void {
    if (member === undefined || assignment === undefined) return;
    if (this.#crashed.has(member)) this.violations.push(`fence: ${what} by ${member}, which had crashed`);
    else if (!allowed) this.violations.push(`fence: ${what} by ${member} in assignment ${assignment}, which had ended`);
  }
}
