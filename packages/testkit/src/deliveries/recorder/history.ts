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
  /** By member and epoch, the latest first. */
  readonly #ofEpoch = new Map<string, readonly number[]>();
  readonly #fenced = new Set<number>();
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
    if (event.kind === "fenced") this.#fenced.add(event.assignment);
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
    const id = `${member} ${epochId(partition)}`;
    this.#ofEpoch.set(id, [this.#assignmentCount, ...(this.#ofEpoch.get(id) ?? [])]);
    return this.#assignmentCount;
  }

  /** A commit that does not come by the consumer, several of which may have the same epochs: of the latest assignment that has not ended. */
  commitOf(member: string, request: CommitRequest): Commit | undefined {
    const candidates = this.#ofEpoch.get(`${member} ${epochId(request)}`) ?? [];
    const assignment = candidates.find((candidate) => !this.#fenced.has(candidate)) ?? candidates[0];
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
