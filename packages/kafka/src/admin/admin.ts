import {
  BusError,
  type CommittedOffset,
  type PartitionOffsets,
  type TopicCleanup,
  type TopicDescription,
  type TopicPartition,
  type TopicSpec,
  type TransportAdmin,
} from "@org/bus-core";
// Node sees only some names of this CommonJS package, and the default export has all of them
import kafkajs, { type Admin } from "kafkajs";
import type { Connection } from "../client/connection.js";
import { protocolError, toBusError } from "../client/errors.js";
import { SharedAdmin } from "./shared-admin.js";

const TRIES = 5;
/** About 10 s. */
const TRIES_UNTIL_KNOWN = 8;

/** Calls on the cluster over one connection, made when first needed and replaced after a failure. */
export class KafkaAdmin implements TransportAdmin {
  readonly #connection: Connection;
  #current: SharedAdmin<Admin> | undefined;
  readonly #open = new Set<SharedAdmin<Admin>>();
  #closed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    return this.#run(`describe topics ${names.join(", ")}`, async (admin) => {
      const found = await Promise.all(names.map((name) => describeTopic(admin, name)));
      return new Map(found.flatMap((topic) => (topic === undefined ? [] : [[topic.name, topic]])));
    });
  }

  /** Those of `names` that do not exist. Needs less permission than `describeTopics`. */
  async missingTopics(names: readonly string[]): Promise<readonly string[]> {
    return this.#run(`describe topics ${names.join(", ")}`, async (admin) => {
      const counts = await Promise.all(names.map((name) => countPartitions(admin, name)));
      return names.filter((_, index) => counts[index] === undefined);
    });
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    if (topics.length === 0) return;
    await this.#run(`create topics ${topics.map(({ name }) => name).join(", ")}`, async (admin) => {
      // kafkajs waits for the leaders of topics that it has created, and not when one of them existed
      await Promise.all(topics.map((topic) => createTopic(admin, topic)));
    });
    await this.#untilKnown(topics.map(({ name }) => name));
  }

  /** A broker hears of a topic a moment after the controller has created it; kafkajs does not wait for that where a topic existed. */
  async #untilKnown(names: readonly string[]): Promise<void> {
    for (let tries = 0; ; tries++) {
      const missing = await this.missingTopics(names);
      if (missing.length === 0) return;
      if (tries === TRIES_UNTIL_KNOWN) {
        throw new BusError("transport_failed", `topics ${missing.join(", ")} were created, but no broker knows of them yet`, { retryable: true });
      }
      await this.#connection.backoff.wait(tries);
    }
  }

  async addPartitions(topic: string, total: number): Promise<void> {
    await this.#run(`add partitions to topic ${topic}`, async (admin) => {
      const described = await describeTopic(admin, topic);
      if (described?.partitions === total) return;
      await admin.createPartitions({ topicPartitions: [{ topic, count: total }] });
    });
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    await this.#run(`delete topics ${names.join(", ")}`, async (admin) => {
      const existing = await Promise.all(names.map((name) => describeTopic(admin, name)));
      const topics = existing.flatMap((topic) => (topic === undefined ? [] : [topic.name]));
      if (topics.length > 0) await admin.deleteTopics({ topics });
    });
  }

  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    return this.#run(`read the offsets of topic ${topic}`, async (admin) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.map(({ partition, low, high }) => ({ topic, partition, logStart: Number(low), logEnd: Number(high) }));
    });
  }

  /** By partition, the first offset at or after `date`; the end of the log where there is none. */
  async offsetsAt(topic: string, date: Date): Promise<ReadonlyMap<number, number>> {
    return this.#run(`read the offsets of topic ${topic}`, async (admin) => {
      // below 0 are no dates but signs: -1 asks for the end of the log, -2 for its start
      const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, Math.max(0, date.getTime()));
      return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
    });
  }

  async committed(group: string, topics: readonly string[]): Promise<readonly (TopicPartition & CommittedOffset)[]> {
    return this.#run(`read the offsets of group ${group}`, async (admin) => {
      const fetched = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
      return fetched.flatMap(({ topic, partitions }) =>
        partitions
          .filter(({ offset }) => Number(offset) >= 0)
          .map(({ partition, offset, metadata }) => ({ topic, partition, offset: Number(offset), metadata: metadata ?? "" })),
      );
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const admin of this.#open) admin.retire();
    await Promise.all([...this.#open].map((admin) => admin.closed));
  }

  async #run<T>(operation: string, call: (admin: Admin) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      if (this.#closed) throw new BusError("closed", `cannot ${operation}: the transport is closed`);
      const admin = this.#current ?? this.#connect();
      try {
        return await admin.use(call);
      } catch (error) {
        // also forgets topics that are gone: kafkajs asks for all that it ever asked for, and fails when one is missing
        if (this.#current === admin) this.#current = undefined;
        admin.retire();
        const failure = toBusError(error, { operation, principal: this.#connection.principal });
        const mayHelp = failure.retryable || (failure.code === "unknown_topic" && tries === 1);
        if (!mayHelp || tries === TRIES) throw failure;
        await this.#connection.backoff.wait(tries);
      }
    }
  }

  #connect(): SharedAdmin<Admin> {
    // `#run` repeats: kafkajs would take seconds to find out that a topic does not exist
    const admin = new SharedAdmin(this.#connection.createClient().admin({ retry: { retries: 0 } }));
    this.#current = admin;
    this.#open.add(admin);
    void admin.closed.then(() => this.#open.delete(admin));
    return admin;
  }
}

async function countPartitions(admin: Admin, name: string): Promise<number | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    return topics[0]?.partitions.length;
  } catch (error) {
    if (protocolError(error) === "UNKNOWN_TOPIC_OR_PARTITION") return undefined;
    // kafkajs keeps the errors of all brokers to itself, and trips over the answer that none of them gave
    if (error instanceof TypeError) throw new BusError("transport_failed", `no broker told of topic ${name}`, { cause: error, retryable: true });
    throw error;
  }
}

async function describeTopic(admin: Admin, name: string): Promise<TopicDescription | undefined> {
  const partitions = await countPartitions(admin, name);
  if (partitions === undefined) return undefined;
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: ["cleanup.policy", "retention.ms"] };
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const entries = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
  const cleanup = cleanupOf(entries.get("cleanup.policy") ?? "");
  return { name, partitions, cleanup, retentionMs: Number(entries.get("retention.ms") ?? -1) };
}

function cleanupOf(policy: string): TopicCleanup {
  if (!policy.includes("compact")) return "delete";
  return policy.includes("delete") ? "compact,delete" : "compact";
}

async function createTopic(admin: Admin, { name, partitions, cleanup, retentionMs, maxMessageBytes, replicationFactor }: TopicSpec): Promise<void> {
  const configEntries: { name: string; value: string }[] = [{ name: "cleanup.policy", value: cleanup }];
  if (retentionMs !== undefined) configEntries.push({ name: "retention.ms", value: String(retentionMs) });
  if (maxMessageBytes !== undefined) configEntries.push({ name: "max.message.bytes", value: String(maxMessageBytes) });
  const topic = { topic: name, numPartitions: partitions, configEntries, ...(replicationFactor === undefined ? {} : { replicationFactor }) };
  await admin.createTopics({ topics: [topic], waitForLeaders: true });
}
