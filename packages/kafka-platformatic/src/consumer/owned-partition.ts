import type { PartitionEpoch } from "@org/bus-core";

/**
 * - `arriving`: assigned; where it starts is being found out, and the listener does not know of it
 * - `announced`: the listener is being told
 * - `active`: records are delivered
 * - `leaving`: the listener gives it up; it is still ours, and commits of it count
 */
export type OwnedState = "arriving" | "announced" | "active" | "leaving";

/** One assigned partition, for one epoch. */
export class OwnedPartition implements PartitionEpoch {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  state: OwnedState = "arriving";
  /** The offset to be delivered next; known when it is announced. */
  next = 0;
  /** Whether the owner of the consumer wants no records of it. */
  paused = false;

  constructor(topic: string, partition: number, epoch: number) {
    this.topic = topic;
    this.partition = partition;
    this.epoch = epoch;
  }

  /** As it is told to listeners. */
  get asEpoch(): PartitionEpoch {
    const { topic, partition, epoch } = this;
    return { topic, partition, epoch };
  }
}
