import type { CommittedOffset, TopicPartition } from "@org/bus-core";

/** Which record an event is about. */
export interface RecordPosition extends TopicPartition {
  readonly offset: number;
}

/** A record and its key as text; null where it has none, and then no order to keep. */
export interface KeyedRecord extends RecordPosition {
  readonly key: string | null;
}

/** Who had the partition at that time: a process, and which of all assignments in the history it was. */
export interface InAssignment {
  /** The process. */
  readonly member: string;
  /** A number that no other assignment of a partition in the history has. */
  readonly assignment: number;
}

/** Work of a handler on a record. */
export interface Work extends KeyedRecord, Partial<InAssignment> {
  /** Which part of a pipe, where it has several that work; each keeps the order by itself. */
  readonly stage?: string;
  /** A number that only works of one call share, which takes several at once: they begin together, in their order. */
  readonly call?: number;
}

/** The offset to go on from, and what was written beside it. */
export interface Commit extends RecordPosition, Partial<InAssignment> {
  readonly metadata?: string;
}

/** How an assignment came to its end: in an orderly way, its work drained and committed (`revoked`, `closed`), or not (`lost`, `stopped`). */
export type FenceReason = "revoked" | "closed" | "lost" | "stopped";

/**
 * What happened to records, in the order in which it happened. Several processes' events are put in one list by time. A history need not have
 * all of it: what a check is not told of, it does not judge.
 *
 * - `published`: the cluster acknowledged it; where it stands in the list does not matter
 * - `deleted`: the log of the partition begins at `offset` from now on
 * - `assigned`: the partition belongs to a member now, which goes on from `position`
 * - `received`: the transport handed records over
 * - `started`: a handler began to work on it. `atMs` is any time in ms, for the length of the work
 * - `ended`: that work is over; `settled` when the record is done with (handled, or safe in a dead letter), `passed` when another stage of the pipe goes on
 *   with it, `failed` when it must come again
 * - `committed`: the group asked to go on from `offset`
 * - `acknowledged`, `refused`: what came of that; refused is also what got no answer
 * - `closing`, `revoking`: the partition is to be given up, because its stream is closed or because the transport says so: nothing new may begin. `atMs`
 *   is that time, for the length of the drain
 * - `fenced`: the assignment is over
 * - `crashed`: the process is gone, with all that it had
 */
export type DeliveryEvent =
  | ({ readonly kind: "published" } & KeyedRecord)
  | ({ readonly kind: "deleted" } & RecordPosition)
  | ({ readonly kind: "assigned"; readonly position: number; readonly committed?: CommittedOffset } & TopicPartition & InAssignment)
  | ({ readonly kind: "received"; readonly records: readonly Pick<KeyedRecord, "offset" | "key">[] } & TopicPartition & InAssignment)
  | ({ readonly kind: "started"; readonly atMs?: number } & Work)
  | ({ readonly kind: "ended"; readonly outcome: "settled" | "passed" | "failed" } & Work)
  | ({ readonly kind: "committed" } & Commit)
  | ({ readonly kind: "acknowledged" } & Commit)
  | ({ readonly kind: "refused" } & Commit)
  | ({ readonly kind: "closing" | "revoking"; readonly atMs?: number } & TopicPartition & InAssignment)
  | ({ readonly kind: "fenced"; readonly reason: FenceReason; readonly atMs?: number } & TopicPartition & InAssignment)
  | { readonly kind: "crashed"; readonly member: string };

/** The events of one kind. */
export type EventOf<Kind extends DeliveryEvent["kind"]> = Extract<DeliveryEvent, { readonly kind: Kind }>;

/** `orders[3]@17 (key "a")`, for messages. */
export function describeRecord({ topic, partition, offset, key }: KeyedRecord): string {
  return `${topic}[${partition}]@${offset} (${key === null ? "no key" : `key ${JSON.stringify(key)}`})`;
}

/** A text that no other partition has. */
export function partitionId({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`;
}

/** A text that no other record has. */
export function positionId({ topic, partition, offset }: RecordPosition): string {
  return `${topic}[${partition}]@${offset}`;
}

/** Whether the record of this event is done with. */
export function isSettled(event: DeliveryEvent): event is EventOf<"ended"> {
  return event.kind === "ended" && event.outcome === "settled";
}
