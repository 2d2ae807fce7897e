/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** As messages and maps name it: `orders[3]`. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`;
}

/** The value of a header, or the values of one that occurs more than once. */
export type HeaderValue = Uint8Array | readonly Uint8Array[];

/** Headers by name; a name that occurs more than once has its values in order. */
export type RecordHeaders = Readonly<Record<string, HeaderValue>>;

/**
 * A record on its way to the log. The partition is always given: a client that chooses one at each retry may write a record twice
 * or never.
 */
export interface OutgoingRecord extends TopicPartition {
  readonly key: Uint8Array | null;
  /** null is a tombstone, not an empty value. */
  readonly value: Uint8Array | null;
  readonly headers: RecordHeaders;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** A record as it was read. Offsets are numbers: exact up to 2^53, which a partition reaches after 285 years at a million records/s. */
export interface IncomingRecord extends OutgoingRecord {
  readonly offset: number;
  /** Who it is in the system that it comes from, where that is no topic: for logs. */
  readonly id?: string;
}

const decoder = new TextDecoder();

/** The text of a header, its last value where it has several; undefined where it is absent. */
export function headerText(headers: RecordHeaders, name: string): string | undefined {
  const value = headers[name];
  const last = value instanceof Uint8Array ? value : value?.at(-1);
  return last === undefined ? undefined : decoder.decode(last);
}
