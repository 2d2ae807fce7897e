import { z } from "zod";
import { type Clock, systemClock } from "../../clock.js";
import { BusError } from "../../errors.js";
import { resolveOptions } from "../../options.js";
import type { IncomingRecord, TopicPartition } from "../record.js";
import type { CommittedOffset, PartitionOffsets, TopicDescription, TopicSpec } from "../transport.js";
import { ConsumerGroup } from "./group.js";
import { PartitionLog } from "./partition-log.js";
import { TransactionCoordinator } from "./transactions.js";

const brokerOptions = z.strictObject({
  /** Time of its timeouts, and of the transports that use it. @default the system's */
  clock: z.custom<Clock>((value) => typeof (value as Clock | undefined)?.schedule === "function", "must be a Clock").default(() => systemClock),
  /** How long a rebalance waits for a member, and a partition that moves for its owner to drain it. @default 60_000 */
  rebalanceTimeoutMs: z.number().int().min(1).default(60_000),
  /** After this, a group goes on without a member whose process crashed. @default 30_000 */
  sessionTimeoutMs: z.number().int().min(1).default(30_000),
});

/** Those of `createMemoryBroker`. */
export type MemoryBrokerOptions = z.input<typeof brokerOptions>;

interface Topic {
  readonly description: Omit<TopicDescription, "partitions">;
  readonly logs: PartitionLog[];
}

/** What brokers do with a topic whose `retentionMs` nobody gave: 7 days. */
const defaultRetentionMs = 604_800_000;

/**
 * A cluster in memory: logs and consumer groups. Several `memory({ broker })` transports that share one are like processes on one cluster.
 * It keeps every record until the topic is deleted or the process ends: `cleanup` and `retentionMs` are described, not enforced.
 */
export class MemoryBroker {
  /** Time of the cluster and of the transports that use it. */
  readonly clock: Clock;
  /** @internal */
  readonly sessionTimeoutMs: number;
  /** @internal */
  readonly transactions: TransactionCoordinator;
  /** @internal */
  readonly rebalanceTimeoutMs: number;
  readonly #topics = new Map<string, Topic>();
  readonly #groups = new Map<string, ConsumerGroup>();
  #clients = 0;

  /** @internal use `createMemoryBroker` */
  constructor(options: z.output<typeof brokerOptions>) {
    this.clock = options.clock;
    this.transactions = new TransactionCoordinator(options.clock);
    this.sessionTimeoutMs = options.sessionTimeoutMs;
    this.rebalanceTimeoutMs = options.rebalanceTimeoutMs;
  }

  /** What consumers can read of the partitions of `topic` now, partition by partition. @throws {BusError} `unknown_topic` */
  records(topic: string): readonly IncomingRecord[] {
    return this.#existing(topic).logs.flatMap((log) => log.read(log.logStart, Number.POSITIVE_INFINITY));
  }

  /** Where the log of each partition begins and ends now. @throws {BusError} `unknown_topic` */
  offsets(topic: string): readonly PartitionOffsets[] {
    return this.#existing(topic).logs.map(({ partition, logStart, logEnd }) => ({ topic, partition, logStart, logEnd }));
  }

  /** What a group has committed for `topics`; a partition without a commit is absent. */
  committed(group: string, topics: readonly string[]): readonly (TopicPartition & CommittedOffset)[] {
    return topics.flatMap((topic) =>
      (this.topic(topic)?.logs ?? []).flatMap(({ partition }) => {
        const committed = this.group(group).committed(topic, partition);
        return committed === undefined ? [] : [{ topic, partition, ...committed }];
      }),
    );
  }

  /** Deletes the records of a partition below `offset`, as retention would. @throws {BusError} `unknown_topic` */
  deleteRecords(topic: string, partition: number, offset: number): void {
    this.#existingLog(topic, partition).deleteBefore(offset);
  }

  /** Uses up offsets without records, as compaction and transaction markers do. @throws {BusError} `unknown_topic` */
  skipOffsets(topic: string, partition: number, count: number): void {
    this.#existingLog(topic, partition).skipOffsets(count);
  }

  /** The members of a group and what each was assigned last. */
  members(group: string): readonly { readonly memberId: string; readonly partitions: readonly TopicPartition[] }[] {
    return this.group(group)
      .members()
      .map(({ memberId, partitions }) => ({ memberId, partitions }));
  }

  /** Ends the session of a member as if its heartbeats had not come; the member lives, loses its partitions, and joins anew. */
  expireSession(group: string, memberId: string): void {
    this.group(group).expel(memberId);
  }

  /** @internal */
  topic(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  /** @internal */
  isCompacted(name: string): boolean {
    return this.#topics.get(name)?.description.cleanup.startsWith("compact") === true;
  }

  /** @internal */
  topicNames(): readonly string[] {
    return [...this.#topics.keys()];
  }

  /** @internal */
  log(topic: string, partition: number): PartitionLog | undefined {
    return this.#topics.get(topic)?.logs[partition];
  }

  /** @internal */
  group(name: string): ConsumerGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new ConsumerGroup(name, this.clock, this.rebalanceTimeoutMs, (topic) => this.#topics.get(topic)?.logs ?? []);
      this.#groups.set(name, group);
    }
    return group;
  }

  /** @internal a number that no other client of this broker has */
  nextClient(): number {
    return ++this.#clients;
  }

  /** Creates a topic at once; one that exists is left as it is. @throws {BusError} `invalid_options` */
  createTopic(spec: TopicSpec): void {
    if (this.#topics.has(spec.name)) return;
    if (!/^[\w.-]{1,249}$/.test(spec.name) || spec.name === "." || spec.name === "..") {
      throw new BusError("invalid_options", `topic name "${spec.name}" must be 1 to 249 of letters, digits, ".", "_" and "-"`);
    }
    if (!Number.isInteger(spec.partitions) || spec.partitions < 1) {
      throw new BusError("invalid_options", `partitions ${spec.partitions} of topic ${spec.name} must be an integer >= 1`);
    }
    const description = { name: spec.name, cleanup: spec.cleanup, retentionMs: spec.retentionMs ?? defaultRetentionMs };
    this.#topics.set(spec.name, { description, logs: createLogs(spec.name, 0, spec.partitions) });
    this.#rebalanceSubscribers(spec.name);
  }

  /** @internal */
  addPartitions(name: string, total: number): void {
    const { logs } = this.#existing(name);
    if (total < logs.length) {
      throw new BusError("topic_conflict", `topic ${name} has ${logs.length} partitions and cannot shrink to ${total}`, { details: { topic: name } });
    }
    if (total === logs.length) return;
    logs.push(...createLogs(name, logs.length, total));
    this.#rebalanceSubscribers(name);
  }

  /** @internal */
  deleteTopic(name: string): void {
    if (!this.#topics.delete(name)) return;
    for (const group of this.#groups.values()) group.forget(name);
    this.#rebalanceSubscribers(name);
  }

  #existing(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw unknownTopic([name]);
    return topic;
  }

  #existingLog(topic: string, partition: number): PartitionLog {
    const log = this.log(topic, partition);
    if (log === undefined) throw unknownTopic([`${topic}[${partition}]`]);
    return log;
  }

  #rebalanceSubscribers(topic: string): void {
    for (const group of this.#groups.values()) if (group.isSubscribed(topic)) group.rebalance();
  }
}

/** Creates an empty cluster in memory. @throws {BusError} `invalid_options` */
export function createMemoryBroker(options: MemoryBrokerOptions = {}): MemoryBroker {
  return new MemoryBroker(resolveOptions("createMemoryBroker", brokerOptions, options));
}

/** The error for topics that do not exist; nothing creates one by accident. */
export function unknownTopic(names: readonly string[]): BusError {
  return new BusError("unknown_topic", `unknown topic ${names.join(", ")}: create it with bus.topics.ensure([...contracts]) or admin.createTopics`, {
    details: { topics: names },
  });
}

function createLogs(topic: string, from: number, to: number): PartitionLog[] {
  return Array.from({ length: to - from }, (_, index) => new PartitionLog(topic, from + index));
}
