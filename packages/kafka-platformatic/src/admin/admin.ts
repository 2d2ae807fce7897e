import {
  BusError,
  type CommittedOffset,
  type PartitionOffsets,
  type TopicDescription,
  type TopicPartition,
  type TopicSpec,
  type TransportAdmin,
} from "@org/bus-core";
import type { Cluster } from "../client/cluster.js";
import { Coordinator } from "../client/coordinator.js";
import { check, faultOf, ProtocolFault } from "../client/faults.js";
import type { TopicLayout } from "../client/layout.js";
import { nameOf } from "../client/topic-partitions.js";
import { committedOffsets } from "../offsets/committed-offsets.js";
import { EARLIEST, LATEST, logOffsets } from "../offsets/log-offsets.js";
import { describeConfigs, topicToCreate } from "./topic-configs.js";

const TRIES = 5;
/** About 10 s. */
const TRIES_UNTIL_KNOWN = 8;

/** Calls on the cluster; each is repeated while it may help. */
export class KafkaAdmin implements TransportAdmin {
  readonly #cluster: Cluster;
  readonly #requestTimeoutMs: number;
  readonly #closed = new AbortController();

  constructor(cluster: Cluster, requestTimeoutMs: number) {
    this.#cluster = cluster;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  async describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    return this.#run(`describe topics ${names.join(", ")}`, async () => {
      const existing = await this.#existing(names);
      return describeConfigs(this.#cluster.client, existing);
    });
  }

  /** Those of `names` that do not exist. Needs less permission than `describeTopics`. */
  async missingTopics(names: readonly string[]): Promise<readonly string[]> {
    return this.#run(`describe topics ${names.join(", ")}`, async () => {
      const existing = new Set((await this.#existing(names)).map(({ name }) => name));
      return names.filter((name) => !existing.has(name));
    });
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    if (topics.length === 0) return;
    const names = topics.map(({ name }) => name);
    await this.#run(`create topics ${names.join(", ")}`, async () => {
      const broker = await this.#controller();
      const answer = await this.#cluster.client.request({ broker }, "CreateTopics", topics.map(topicToCreate), this.#requestTimeoutMs, false);
      for (const { name, errorCode, errorMessage } of answer.topics) {
        if (faultOf(errorCode)?.type !== "TOPIC_ALREADY_EXISTS") check(errorCode, errorMessage && `${name}: ${errorMessage}`);
      }
    });
    await this.#untilLed(names);
  }

  async addPartitions(topic: string, total: number): Promise<void> {
    await this.#run(`add partitions to topic ${topic}`, async () => {
      if ((await this.#layout(topic)).leaders.length === total) return;
      const broker = await this.#controller();
      const topics = [{ name: topic, count: total, assignments: null }];
      const { results } = await this.#cluster.client.request({ broker }, "CreatePartitions", topics, this.#requestTimeoutMs, false);
      for (const { errorCode, errorMessage } of results) check(errorCode, errorMessage);
    });
    await this.#untilLed([topic], total);
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    await this.#run(`delete topics ${names.join(", ")}`, async () => {
      const existing = await this.#existing(names);
      if (existing.length === 0) return;
      const broker = await this.#controller();
      const topics = existing.map(({ name }) => ({ name }));
      const { responses } = await this.#cluster.client.request({ broker }, "DeleteTopics", topics, this.#requestTimeoutMs);
      for (const { errorCode, errorMessage } of responses) {
        if (faultOf(errorCode)?.type !== "UNKNOWN_TOPIC_OR_PARTITION") check(errorCode, errorMessage);
      }
    });
    await this.#untilGone(names);
  }

  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    return this.#run(`read the offsets of topic ${topic}`, async () => {
      const { leaders } = await this.#layout(topic);
      const partitions = leaders.map((_, partition) => ({ topic, partition }));
      const [starts, ends] = await Promise.all(
        [EARLIEST, LATEST].map((at) => logOffsets(this.#cluster.client, this.#cluster.layout, partitions, at)),
      );
      return partitions.map((each) => ({ ...each, logStart: starts?.get(nameOf(each)) ?? 0, logEnd: ends?.get(nameOf(each)) ?? 0 }));
    });
  }

  async committed(group: string, topics: readonly string[]): Promise<readonly (TopicPartition & CommittedOffset)[]> {
    const coordinator = new Coordinator(this.#cluster.client, "group", group);
    return this.#run(`read the offsets of group ${group}`, async () => {
      const layouts = await this.#existing(topics);
      const partitions = layouts.flatMap(({ name, leaders }) => leaders.map((_, partition) => ({ topic: name, partition })));
      if (partitions.length === 0) return [];
      return committedOffsets(coordinator, group, partitions, "wait");
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#cluster.client.close();
  }

  async #run<T>(operation: string, call: () => Promise<T>): Promise<T> {
    if (this.#closed.signal.aborted) throw new BusError("closed", `cannot ${operation}: the transport is closed`);
    return this.#cluster.persist(operation, TRIES, call, this.#closed.signal);
  }

  /** A broker hears of a topic a moment after the controller has created it, and a moment later who leads its partitions. */
  async #untilLed(names: readonly string[], partitions = 1): Promise<void> {
    await this.#until(names, `topics ${names.join(", ")} were created, but not all of their partitions have a leader yet`, (found) =>
      names.every((name) => {
        const layout = found.find((topic) => topic.name === name);
        return layout !== undefined && layout.leaders.length >= partitions && layout.leaders.every((leader) => leader >= 0);
      }),
    );
  }

  async #untilGone(names: readonly string[]): Promise<void> {
    await this.#until(names, `topics ${names.join(", ")} are being deleted`, (found) => found.length === 0);
  }

  async #until(names: readonly string[], otherwise: string, holds: (found: readonly TopicLayout[]) => boolean): Promise<void> {
    for (let tries = 0; ; tries++) {
      if (holds(await this.#run(`describe topics ${names.join(", ")}`, () => this.#existing(names)))) return;
      if (tries === TRIES_UNTIL_KNOWN) throw new BusError("transport_failed", otherwise, { retryable: true });
      await this.#cluster.wait(tries, Number.POSITIVE_INFINITY, this.#closed.signal);
    }
  }

  async #controller(): Promise<number> {
    const { controllerId } = await this.#cluster.client.request({ broker: "any" }, "Metadata", [], false, false);
    if (controllerId < 0) throw new ProtocolFault("NOT_CONTROLLER", true, "the cluster has no controller at the moment");
    return controllerId;
  }

  async #layout(topic: string): Promise<TopicLayout> {
    const [layout] = await this.#existing([topic]);
    if (layout !== undefined) return layout;
    throw new ProtocolFault("UNKNOWN_TOPIC_OR_PARTITION", false, `topic ${topic} does not exist`);
  }

  async #existing(names: readonly string[]): Promise<readonly TopicLayout[]> {
    const found = await this.#cluster.layout.refresh(names);
    return [...found.values()].flatMap((each) => {
      if (!(each instanceof ProtocolFault)) return [each];
      if (each.type === "UNKNOWN_TOPIC_OR_PARTITION") return [];
      throw each;
    });
  }
}
