import type { Cluster } from "kafkajs";

/** What a client of kafkajs knows of its topics; it reads that again by itself, every 5 minutes at the latest. */
export class TopicMetadata {
  readonly #cluster: Pick<Cluster, "refreshMetadata" | "addTargetTopic" | "findTopicPartitionMetadata">;

  constructor(cluster: Pick<Cluster, "refreshMetadata" | "addTargetTopic" | "findTopicPartitionMetadata">) {
    this.#cluster = cluster;
  }

  /** How many partitions each of the topics has now; 0 where it does not exist. */
  async partitionCounts(topics: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    await this.#cluster.refreshMetadata();
    // of topics that only others subscribed to, this member knows nothing yet
    for (const topic of topics) if (this.#known(topic) === 0) await this.#cluster.addTargetTopic(topic).catch(() => {});
    return new Map([...topics].map((topic) => [topic, this.#known(topic)]));
  }

  /** Whether one of the topics has other partitions than it had. */
  haveChanged(counts: ReadonlyMap<string, number>): boolean {
    return [...counts].some(([topic, count]) => this.#known(topic) !== count);
  }

  #known(topic: string): number {
    return this.#cluster.findTopicPartitionMetadata(topic).length;
  }
}
