import type { TopicPartition } from "@org/bus-core";

/** What a member says of itself when it joins (ConsumerProtocolSubscription of Kafka). */
export interface Subscription {
  readonly topics: readonly string[];
  readonly userData: Buffer;
  /** What it owns, the partitions that it wants to keep first. Members that know nothing of this say that they own nothing. */
  readonly owned: readonly TopicPartition[];
  /** The generation in which it got what it owns; -1 when it does not say. */
  readonly generation: number;
}

/** What the leader gives to a member (ConsumerProtocolAssignment of Kafka). */
export interface Assignment {
  readonly partitions: readonly TopicPartition[];
  /** The leader has given nobody what another member owns. Leaders other than ours do not say so. */
  readonly ownersRespected: boolean;
}

/** Of the subscription: 1 added what is owned, 2 the generation. The assignment has the same fields in all versions. */
const VERSION = 2;
const EMPTY = Buffer.alloc(0);
/** Behind the fields of an assignment, where nobody else reads: with user data a broker could not turn the group into one that it assigns itself. */
const OWNERS_RESPECTED = Buffer.from("owners-respected");

export function encodeSubscription({ topics, userData, owned, generation }: Subscription): Buffer {
  return Buffer.concat([int16(VERSION), int32(topics.length), ...topics.map(string), bytes(userData), topicPartitions(owned), int32(generation)]);
}

/** @throws {RangeError} when it ends too early */
export function decodeSubscription(encoded: Buffer): Subscription {
  const reader = new Reader(encoded);
  const version = reader.int16();
  const topics = reader.array(() => reader.string());
  const userData = reader.bytes();
  return {
    topics,
    userData,
    owned: version >= 1 ? reader.topicPartitions() : [],
    generation: version >= 2 ? reader.int32() : -1,
  };
}

export function encodeAssignment({ partitions, ownersRespected }: Assignment): Buffer {
  return Buffer.concat([int16(VERSION), topicPartitions(partitions), bytes(EMPTY), ownersRespected ? OWNERS_RESPECTED : EMPTY]);
}

/** @throws {RangeError} when it ends too early */
export function decodeAssignment(encoded: Buffer): Assignment {
  // a member that the leader left out
  if (encoded.length === 0) return { partitions: [], ownersRespected: false };
  const reader = new Reader(encoded);
  reader.int16();
  const partitions = reader.topicPartitions();
  reader.bytes();
  return { partitions, ownersRespected: reader.rest().equals(OWNERS_RESPECTED) };
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function string(value: string): Buffer {
  const encoded = Buffer.from(value);
  return Buffer.concat([int16(encoded.length), encoded]);
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([int32(value.length), value]);
}

function topicPartitions(all: readonly TopicPartition[]): Buffer {
  const byTopic = Map.groupBy(all, ({ topic }) => topic);
  const topics = [...byTopic].map(([topic, ofTopic]) =>
    Buffer.concat([string(topic), int32(ofTopic.length), ...ofTopic.map(({ partition }) => int32(partition))]),
  );
  return Buffer.concat([int32(byTopic.size), ...topics]);
}

class Reader {
  readonly #buffer: Buffer;
  #position = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  int16(): number {
    const value = this.#buffer.readInt16BE(this.#position);
    this.#position += 2;
    return value;
  }

  int32(): number {
    const value = this.#buffer.readInt32BE(this.#position);
    this.#position += 4;
    return value;
  }

  string(): string {
    return this.#take(this.int16()).toString();
  }

  /** Null, which some clients write, counts as empty. */
  bytes(): Buffer {
    return this.#take(Math.max(0, this.int32()));
  }

  array<T>(read: () => T): T[] {
    return Array.from({ length: this.int32() }, read);
  }

  topicPartitions(): TopicPartition[] {
    return this.array(() => {
      const topic = this.string();
      return this.array(() => ({ topic, partition: this.int32() }));
    }).flat();
  }

  rest(): Buffer {
    return this.#buffer.subarray(this.#position);
  }

  #take(length: number): Buffer {
    const end = this.#position + length;
    if (length < 0 || end > this.#buffer.length) throw new RangeError(`${length} bytes at ${this.#position} of ${this.#buffer.length}`);
    const taken = this.#buffer.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }
}
