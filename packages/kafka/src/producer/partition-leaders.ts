import type { ICustomPartitioner, PartitionMetadata } from "kafkajs";

/** Which broker leads a partition is not known, or has changed since a request was put together. Nothing was sent. */
export class LeaderMoved extends Error {
  constructor(topic: string, partition: number) {
    super(`the leader of ${topic}[${partition}] is another one than expected`);
  }
}

/** Nothing was sent. Named as the protocol's error, so that kafkajs refreshes its metadata. */
class PartitionUnavailable extends Error {
  readonly retriable = true;

  constructor(
    readonly type: "UNKNOWN_TOPIC_OR_PARTITION" | "LEADER_NOT_AVAILABLE",
    message: string,
  ) {
    super(message);
  }
}

const NONE = -1;

/**
 * What kafkajs knows about leaders, seen through its partitioner, and a gate: a request whose partitions turn out to be led by several brokers, or by
 * another than they were grouped by, is stopped before it is sent. kafkajs would send it in parts, lose count of which part was written when one
 * fails, and leave out partitions that it does not know without an error.
 */
export class PartitionLeaders {
  readonly #known = new Map<string, { readonly metadata: readonly PartitionMetadata[]; readonly leaders: ReadonlyMap<number, number> }>();
  readonly #expected = new Map<string, number[]>();

  /** The leader to group a partition by, from now on expected; undefined while it is not known. */
  expect(topic: string, partition: number): number | undefined {
    const leader = this.#known.get(topic)?.leaders.get(partition) ?? NONE;
    const expected = this.#expected.get(topic) ?? [];
    this.#expected.set(topic, expected);
    expected[partition] = leader;
    return leader === NONE ? undefined : leader;
  }

  /** Takes the partition that the message gives, in each attempt of kafkajs, for each message. */
  readonly createPartitioner: ICustomPartitioner =
    () =>
    ({ topic, partitionMetadata, message }) => {
      const partition = message.partition ?? NONE;
      const leader = this.#learn(topic, partitionMetadata).get(partition);
      if (leader === undefined) {
        throw new PartitionUnavailable(
          "UNKNOWN_TOPIC_OR_PARTITION",
          `topic ${topic} has ${partitionMetadata.length} partitions, none is ${partition}`,
        );
      }
      if (leader === NONE) throw new PartitionUnavailable("LEADER_NOT_AVAILABLE", `${topic}[${partition}] has no leader at the moment`);
      if (this.#expected.get(topic)?.[partition] !== leader) throw new LeaderMoved(topic, partition);
      return partition;
    };

  #learn(topic: string, metadata: readonly PartitionMetadata[]): ReadonlyMap<number, number> {
    const known = this.#known.get(topic);
    // kafkajs replaces the array with each refresh
    if (known?.metadata === metadata) return known.leaders;
    const leaders = new Map(metadata.map(({ partitionId, leader }) => [partitionId, leader]));
    this.#known.set(topic, { metadata, leaders });
    return leaders;
  }
}
