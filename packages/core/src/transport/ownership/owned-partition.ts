import type { PartitionEpoch } from "../transport.js";

/**
 * - `starting`: the listener does not have it yet
 * - `reading`: its records are delivered
 * - `leaving`: the listener gives it up; what it commits still counts
 * - `gone`: nothing of it counts any more
 */
export type OwnedState = "starting" | "reading" | "leaving" | "gone";

/** One partition for one epoch. */
export class OwnedPartition implements PartitionEpoch {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  state: OwnedState = "starting";
  /** The offset to be delivered next; undefined until the start position is known. Of one that begins anew, where it would have gone on. */
  next: number | undefined;
  /** Whether the owner of the consumer wants no records of it. */
  paused = false;
  /** Counts the commits, so that one that is tried again does not undo a later one. */
  commits = 0;
  /** The listener was told of it, so it has to be told of its end. */
  announced = false;
  /** The listener was told to give it up, so it needs not be told that it is lost. */
  revoked = false;
  /** While it is leaving: the group has given it to this member again. */
  again = false;
  /** When the listener has taken what it was told of it last. */
  told: Promise<void> = Promise.resolve();

  constructor(topic: string, partition: number, epoch: number, next?: number) {
    this.topic = topic;
    this.partition = partition;
    this.epoch = epoch;
    this.next = next;
  }

  /** As it is told to listeners. */
  get toPartitionEpoch(): PartitionEpoch {
    const { topic, partition, epoch } = this;
    return { topic, partition, epoch };
  }

  /** Whether its records are to be fetched. */
  get isFetched(): boolean {
    return this.state === "reading" && !this.paused;
  }
}
