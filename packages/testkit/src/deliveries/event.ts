import type { TopicPartition } from "@org/bus-core";

/** Which record an event is about. */
export interface RecordPosition extends TopicPartition {
  readonly offset: number;
}

/** A record and its key as text; null where it has none, and then no order to keep. */
export interface KeyedRecord extends RecordPosition {
  readonly key: string | null;
}

/**
 * What happened to records, in the order in which it happened. Several processes' events are put in one list by time.
 *
 * - `published`: the cluster acknowledged it; where it stands in the list does not matter
 * - `started`: a handler began to work on it
 * - `ended`: that work is over; `settled` when the record is done with (handled, or safe in a dead letter), `failed` when it must come again
 * - `committed`: the group asked to go on from `offset`
 */
export type DeliveryEvent =
  | ({ readonly kind: "published" } & KeyedRecord)
  | ({ readonly kind: "started" } & KeyedRecord)
  | ({ readonly kind: "ended"; readonly outcome: "settled" | "failed" } & KeyedRecord)
  | ({ readonly kind: "committed" } & RecordPosition);

/** `orders[3]@17 (key "a")`, for messages. */
export function describeRecord({ topic, partition, offset, key }: KeyedRecord): string {
  return `${topic}[${partition}]@${offset} (${key === null ? "no key" : `key ${JSON.stringify(key)}`})`;
}

/** A text that no other record has. */
export function positionId({ topic, partition, offset }: RecordPosition): string {
  return `${topic}[${partition}]@${offset}`;
}

/** A text that records of one key of one topic share, and no others. */
export function keyId({ topic, key }: { readonly topic: string; readonly key: string }): string {
  return JSON.stringify([topic, key]);
}
