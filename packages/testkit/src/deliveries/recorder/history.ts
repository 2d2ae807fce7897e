import type { Clock, CommitRequest, PartitionEpoch, RecordHeaders } from "@org/bus-core";
import type { Commit, DeliveryEvent, InAssignment } from "../event.js";

/** The events of a run, and what connects them. */
export class History {
  readonly events: DeliveryEvent[] = [];
  readonly #clock: Pick<Clock, "now">;
  readonly #onEvent: (event: DeliveryEvent) => void;
  readonly #onClosing = new Map<string, (() => void)[]>();
  readonly #crashed = new Set<string>();
  /** In which assignment the record with these headers was handed over: each hand-over has headers of its own. */
  readonly #assignments = new WeakMap<RecordHeaders, InAssignment>();
  readonly #latest = new Map<string, number>();
  #assignmentCount = 0;
  #callCount = 0;

  constructor(clock: Pick<Clock, "now">, onEvent: (event: DeliveryEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** A process that has crashed does nothing any more; what its remains seem to do in this one is left out. */
  note(event: DeliveryEvent): void {
    if ("member" in event && event.member !== undefined && this.#crashed.has(event.member)) return;
    if (event.kind === "crashed") this.#crashed.add(event.member);
    this.events.push(event);
    this.#onEvent(event);
  }

  now(): number {
    return this.#clock.now();
  }

  onClosing(member: string, callback: () => void): void {
    this.#onClosing.set(member, [...(this.#onClosing.get(member) ?? []), callback]);
  }

  closing(member: string): void {
    for (const callback of this.#onClosing.get(member) ?? []) callback();
  }

  /** A number for an assignment that begins. */
  assign(member: string, partition: PartitionEpoch): number {
    this.#assignmentCount += 1;
    this.#latest.set(`${member} ${epochId(partition)}`, this.#assignmentCount);
    return this.#assignmentCount;
  }

  /** A commit that does not come by the consumer: of the latest assignment of that epoch. */
  commitOf(member: string, request: CommitRequest): Commit | undefined {
    const assignment = this.#latest.get(`${member} ${epochId(request)}`);
    const { topic, partition, offset, metadata } = request;
    return assignment === undefined ? undefined : { topic, partition, offset, metadata, member, assignment };
  }

  nextCall(): number {
    this.#callCount += 1;
    return this.#callCount;
  }

  remember(headers: RecordHeaders, assignment: InAssignment): void {
    this.#assignments.set(headers, assignment);
  }

  assignmentOf(headers: RecordHeaders | undefined): InAssignment | undefined {
    return headers && this.#assignments.get(headers);
  }
}

/** A text that no other epoch of a partition has, of one consumer. */
export function epochId({ topic, partition, epoch }: PartitionEpoch): string {
  return `${topic}[${partition}]#${epoch}`;
}
