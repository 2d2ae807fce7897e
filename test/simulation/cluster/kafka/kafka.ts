import type { Clock, IncomingRecord, TopicPartition } from "@org/bus-core";
import { Group } from "./group.js";
import { Partition } from "./partition.js";
import { ProtocolError } from "./protocol-error.js";

export const NODES = [1, 2, 3] as const;

/** What all brokers of the simulated cluster know together. */
export class Kafka {
  readonly #clock: Clock;
  readonly #topics = new Map<string, Partition[]>();
  readonly #groups = new Map<string, Group>();
  /** Leadership moves: added to what the number of a partition says. */
  #shift = 0;
  #coordinatorShift = 0;
  #producerIds = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  createTopic(name: string, partitions: number): void {
    if (this.#topics.has(name)) throw new ProtocolError("TOPIC_ALREADY_EXISTS");
    this.#topics.set(
      name,
      Array.from({ length: partitions }, (_, index) => new Partition(name, index)),
    );
  }

  /** @throws {ProtocolError} UNKNOWN_TOPIC_OR_PARTITION */
  partitions(topic: string): readonly Partition[] {
    const found = this.#topics.get(topic);
    if (found === undefined) throw new ProtocolError("UNKNOWN_TOPIC_OR_PARTITION");
    return found;
  }

  /** @throws {ProtocolError} UNKNOWN_TOPIC_OR_PARTITION */
  partition(topic: string, partition: number): Partition {
    const found = this.partitions(topic)[partition];
    if (found === undefined) throw new ProtocolError("UNKNOWN_TOPIC_OR_PARTITION");
    return found;
  }

  hasTopic(name: string): boolean {
    return this.#topics.has(name);
  }

  /** @throws {ProtocolError} NOT_LEADER_OR_FOLLOWER where another node leads it, UNKNOWN_TOPIC_OR_PARTITION */
  ledPartition(node: number, { topic, partition }: TopicPartition): Partition {
    const found = this.partition(topic, partition);
    if (node !== this.leaderOf(partition)) throw new ProtocolError("NOT_LEADER_OR_FOLLOWER");
    return found;
  }

  records(topic: string): readonly IncomingRecord[] {
    return (this.#topics.get(topic) ?? []).flatMap(({ records }) => records.filter(({ isControl }) => !isControl));
  }

  leaderOf(partition: number): number {
    return NODES[(partition + this.#shift) % NODES.length] ?? 1;
  }

  get coordinatorNode(): number {
    return NODES[this.#coordinatorShift % NODES.length] ?? 1;
  }

  /** Another broker leads each partition, or coordinates the groups, from now on. */
  move(what: "leaders" | "coordinator"): void {
    if (what === "leaders") this.#shift += 1;
    else {
      this.#coordinatorShift += 1;
      for (const group of this.#groups.values()) group.moved();
    }
  }

  /** @throws {ProtocolError} NOT_COORDINATOR where another node coordinates it */
  coordinatedGroup(node: number, name: string): Group {
    if (node !== this.coordinatorNode) throw new ProtocolError("NOT_COORDINATOR");
    return this.group(name);
  }

  group(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new Group(this.#clock, () => {});
      this.#groups.set(name, group);
    }
    return group;
  }

  nextProducerId(): string {
    this.#producerIds += 1;
    return String(this.#producerIds);
  }
}
