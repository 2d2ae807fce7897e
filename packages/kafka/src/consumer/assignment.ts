import type { PartitionEpoch, TopicPartition } from "@org/bus-core";

/** One assigned partition, for one epoch. */
export interface OwnedPartition extends PartitionEpoch {
  /** The offset to be delivered next; undefined until the start position is known. */
  next: number | undefined;
  /** Whether the owner of the consumer wants no records of it. */
  paused: boolean;
  /** Counts the commits, so that one that is tried again does not undo a later one. */
  commits: number;
}

/** What the group gave to this member in one generation. All of it ends together. */
export class Assignment {
  readonly epoch: number;
  readonly partitions: readonly OwnedPartition[];
  readonly #byTopic = new Map<string, OwnedPartition[]>();
  /** The listener has been told of it. */
  announced = false;
  /** Records are delivered: from the time that the listener has taken it until the rebalance. */
  delivering = false;
  /** The group rebalances; commits are still accepted. */
  leaving = false;
  /** The group has moved on: commits are no longer accepted. */
  over = false;

  constructor(epoch: number, memberAssignment: Readonly<Record<string, readonly number[]>>) {
    this.epoch = epoch;
    this.partitions = Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition, epoch, next: undefined, paused: false, commits: 0 })),
    );
    for (const owned of this.partitions) {
      const ofTopic = this.#byTopic.get(owned.topic) ?? [];
      ofTopic[owned.partition] = owned;
      this.#byTopic.set(owned.topic, ofTopic);
    }
  }

  find({ topic, partition }: TopicPartition): OwnedPartition | undefined {
    return this.#byTopic.get(topic)?.[partition];
  }

  get allPaused(): boolean {
    return this.partitions.every(({ paused }) => paused);
  }

  /** The partitions as they are told to listeners. */
  get epochs(): PartitionEpoch[] {
    return this.partitions.map(({ topic, partition, epoch }) => ({ topic, partition, epoch }));
  }
}
