import type { TopicPartition } from "@org/bus-core";
import type { ClusterClient } from "./cluster-client.js";
import { faultOf, type ProtocolFault } from "./faults.js";

const NONE = -1;

/** A topic as the cluster last described it. */
export interface TopicLayout {
  readonly name: string;
  readonly topicId: string;
  /** By partition, the number of the broker that leads it; -1 where there is none at the moment. */
  readonly leaders: readonly number[];
}

/** Which broker leads which partition. It is asked for when somebody needs it, and again when a broker says that it has changed. */
export class Layout {
  readonly #client: ClusterClient;
  readonly #topics = new Map<string, TopicLayout>();

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  topic(name: string): TopicLayout | undefined {
    return this.#topics.get(name);
  }

  nameOf(topicId: string): string | undefined {
    for (const topic of this.#topics.values()) if (topic.topicId === topicId) return topic.name;
    return undefined;
  }

  /** The broker that leads a partition; undefined while it is not known. */
  leader({ topic, partition }: TopicPartition): number | undefined {
    const leader = this.#topics.get(topic)?.leaders[partition] ?? NONE;
    return leader === NONE ? undefined : leader;
  }

  /** Who leads its partitions is not known any more. */
  forget(topic: string): void {
    this.#topics.delete(topic);
  }

  /**
   * Asks for topics anew, and returns for each what it is, or why it cannot be told: `UNKNOWN_TOPIC_OR_PARTITION` where it does not exist.
   *
   * @throws {ConnectionFault}
   */
  async refresh(names: Iterable<string>): Promise<ReadonlyMap<string, TopicLayout | ProtocolFault>> {
    const wanted = [...new Set(names)];
    const found = new Map<string, TopicLayout | ProtocolFault>();
    if (wanted.length === 0) return found;
    const { topics } = await this.#client.request({ broker: "any" }, "Metadata", wanted, false, false);
    for (const { name, topicId, errorCode, partitions } of topics) {
      if (name == null) continue;
      const fault = faultOf(errorCode);
      if (fault === undefined) {
        const leaders: number[] = [];
        for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
        const layout = { name, topicId, leaders };
        this.#topics.set(name, layout);
        found.set(name, layout);
      } else {
        this.#topics.delete(name);
        found.set(name, fault);
      }
    }
    return found;
  }
}
