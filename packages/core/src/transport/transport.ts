import type { TopicCleanup } from "../contract/contract.js";
import type { BusError } from "../errors.js";
import type { IncomingRecord, OutgoingRecord, TopicPartition } from "./record.js";

/** What a transport can do beyond the contract below. The conformance suite reads it. */
export interface Features {
  /** A revocation waits for `ConsumerListener.revoked`, so that what is in flight can end and be committed before the partition moves. */
  readonly awaitableRevoke: boolean;
  /** Records and offsets can be written in one transaction: `Transport.createTransactionalProducer`. */
  readonly transactions: boolean;
  /** A member that comes back under its name keeps its partitions. */
  readonly staticMembership: boolean;
  /** A rebalance moves only the partitions that must move; members hear nothing of those that they keep. */
  readonly incrementalRebalance: boolean;
}

/**
 * A log of partitioned topics with consumer groups. It carries batches of bytes and knows nothing of contracts. An argument of
 * `createBus`, which owns it from then on and closes it.
 */
export interface Transport {
  /** `messaging.system` of its spans: `kafka`, `memory`. */
  readonly name: string;
  readonly features: Features;
  readonly admin: TransportAdmin;
  /** Connects a producer. @throws {BusError} `transport_failed`, `not_authenticated` */
  createProducer(): Promise<TransportProducer>;
  /**
   * Connects a producer of transactions; there where `features.transactions`. Resolves when every earlier producer with its id is fenced and what
   * that left open has been committed or aborted: offsets that are read from then on change only through this producer, or a later one.
   *
   * @throws {BusError} `transport_failed`, `not_authenticated`, `not_authorized`
   */
  createTransactionalProducer?(options: TransactionalProducerOptions): Promise<TransactionalProducer>;
  /** Prepares a consumer; nothing happens before `start`. */
  createConsumer(options: TransportConsumerOptions): TransportConsumer;
  /** Closes what is still open. Producers and consumers are closed by whoever made them, before. Idempotent. */
  close(): Promise<void>;
}

/** What became of one record. */
export type SendOutcome =
  | { readonly ok: true; readonly offset: number }
  /** `error.mayHaveBeenWritten` says whether the record may be in the log; `error.retryable` whether another try makes sense. */
  | { readonly ok: false; readonly error: BusError };

/**
 * - **Acknowledgement**: a record is acknowledged when all in-sync replicas have it.
 * - **Ordering**: records of one `send` to one partition are written in the order given; so are those of consecutive sends.
 * - **Partial failure**: never rejects for a record; every record has an outcome, at its index. Retries what can be retried without
 *   writing twice, until `timeoutMs` has passed.
 * - **Concurrency**: one `send` at a time; the next only after the last has resolved (kafkajs loses acknowledged records otherwise).
 * - **Close**: waits for the send that is out; a later one rejects with `closed`. Idempotent.
 */
export interface TransportProducer {
  send(records: readonly OutgoingRecord[], options: { readonly timeoutMs: number }): Promise<readonly SendOutcome[]>;
  close(): Promise<void>;
}

/** Those of `Transport.createTransactionalProducer`. */
export interface TransactionalProducerOptions {
  /** Who writes; at one time only one can. */
  readonly transactionalId: string;
  /** After this the cluster aborts what a producer that has gone silent left open, in ms; until then it holds up those who read behind it. */
  readonly transactionTimeoutMs: number;
}

/** Records and offsets that are written together. */
export interface Transaction {
  /** Those of a partition are written in the order given. */
  readonly records: readonly OutgoingRecord[];
  readonly group: string;
  /** What the group has processed when the records are there. Not checked against its members: the transactional id is what keeps others out. */
  readonly offsets: readonly CommitRequest[];
}

/**
 * - **Atomicity**: consumers see all records of a transaction and the group has all its offsets, or nothing of it, for ever. All consumers of a
 *   transport read committed records only.
 * - **Partial failure**: there is none. `error.mayHaveBeenWritten` says that a failed transaction may be there all the same, as a whole; the next
 *   producer with the id settles that, and the group's offsets tell. A producer that has failed is of no more use: close it.
 * - **Acknowledgement**: a commit is decided when it resolves. Consumers and the group's offsets may show it a moment later: the cluster completes it in
 *   the background, and the next producer with the id waits for that.
 * - **Fencing**: `fenced` when there is a later producer with the id.
 * - **Concurrency**: one `commit` at a time.
 * - **Close**: waits for the commit that is out; a later one rejects with `closed`. Idempotent.
 */
export interface TransactionalProducer {
  /** Begins, writes, commits; aborts what fails. @throws {BusError} */
  commit(transaction: Transaction, options: { readonly timeoutMs: number }): Promise<void>;
  close(): Promise<void>;
}

/** Where a group starts on a partition for which it has committed nothing. */
export type StartFrom = "earliest" | "latest" | Date;

/** What to do when the committed offset is not in the log any more. */
export type OutOfRangePolicy = "stop" | "earliest" | "latest";

/** What a consumer subscribes to, and where it starts. */
export interface TransportConsumerOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly from: StartFrom;
  /** Where to start instead of `from`: for tools that look at a log and commit nothing. A commit of the group comes first. */
  readonly offsets?: readonly (TopicPartition & { readonly offset: number })[];
  readonly outOfRange: OutOfRangePolicy;
}

/** What a group has committed of a partition. */
export interface CommittedOffset {
  /** The next offset to read. */
  readonly offset: number;
  /** What the committer wrote beside it; "" when nothing. */
  readonly metadata: string;
}

/**
 * A partition for as long as a member holds it without a break. `epoch` grows with every assignment that this consumer receives, and is never used again;
 * a partition that stays through a rebalance keeps its epoch.
 */
export interface PartitionEpoch extends TopicPartition {
  readonly epoch: number;
}

/** A partition that comes to a member, and what is known of it at that time. */
export interface AssignedPartition extends PartitionEpoch {
  /** The offset of the first record that will be delivered, if there is one. */
  readonly position: number;
  /** An open transaction may still replace it: who commits in transactions fences earlier owners first, and asks the admin again. */
  readonly committed: CommittedOffset | undefined;
  /** First offset in the log. */
  readonly logStart: number;
  /** The offset that the next record will get. */
  readonly logEnd: number;
}

/** Records of one partition, read together. */
export interface RecordBatch extends PartitionEpoch {
  /** In the order of their offsets, which may have gaps; never empty. */
  readonly records: readonly IncomingRecord[];
  /** The end of the log when the batch was read, for lag. */
  readonly logEnd: number;
}

/** What to commit of a partition, in the epoch in which it was processed. */
export interface CommitRequest extends PartitionEpoch, CommittedOffset {}

/**
 * Called by the transport, one call at a time for a partition: `assigned`, then any number of `records`, then `revoked` or `lost`. After
 * that nothing of this epoch is delivered. A call names only partitions that it changes, one at least: what stays is in none. Calls about different
 * partitions may overlap.
 */
export interface ConsumerListener {
  /** These come new. Awaited before the first record of them is delivered. They start unpaused. */
  assigned(partitions: readonly AssignedPartition[]): void | Promise<void>;
  /** A hand-off: returns at once, never throws. A batch of a paused partition may still come, when it was already fetched. */
  records(batch: RecordBatch): void;
  /**
   * These are being taken away; commits of their epochs are still accepted while this runs. Awaited where `features.awaitableRevoke`, as long as the
   * group waits for a member; elsewhere, and after that, the partitions may move before it resolves.
   */
  revoked(partitions: readonly PartitionEpoch[]): Promise<void>;
  /** These are gone already (session expired, fenced, next record deleted): commits are refused. Not called for what was `revoked`. */
  lost(partitions: readonly PartitionEpoch[]): void;
  /** The consumer has ended by itself and will call nothing any more. Called once at most; never after `close` was called. */
  stopped(error: BusError): void;
}

/**
 * - **Ordering**: the records of a partition come in the order of their offsets.
 * - **Acknowledgement**: nothing is committed but by `commit`.
 * - **Concurrency**: methods may be called at any time, also from the listener. Commits and rejoins are serialised inside.
 * - **Partial failure**: transient faults are retried inside; `stopped` is the only way in which a consumer ends by itself.
 * - **Close**: stops fetching, calls nothing any more (`revoked` included: who closes drains and commits before), leaves the group. Idempotent.
 */
export interface TransportConsumer {
  /**
   * Joins the group; resolves when the first assignment has been delivered. That may hold nothing yet: what others still own comes when they have given
   * it up. @throws {BusError} also `unknown_topic`
   */
  start(listener: ConsumerListener): Promise<void>;
  /** Stops the fetching of partitions; stale epochs are ignored. Heartbeats and commits go on. Does not survive a reassignment. */
  pause(partitions: readonly PartitionEpoch[]): void;
  resume(partitions: readonly PartitionEpoch[]): void;
  /**
   * The offset to be fetched next: it passes what is never delivered, such as the ends of transactions, which lie in the log too. Undefined for what is
   * not assigned (any more). A transport without it is taken to stand behind the last record that it has delivered.
   */
  position?(partition: PartitionEpoch): number | undefined;
  /**
   * Commits in the group.
   * @throws {BusError} `fenced` when the group has moved on, or the epoch of one of the requests is over; `transport_failed` (retryable) otherwise;
   * nothing then is known to be committed
   */
  commit(requests: readonly CommitRequest[]): Promise<void>;
  close(): Promise<void>;
}

/** A topic as it should be created. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: TopicCleanup;
  /** -1 is for ever; absent: the cluster's default. */
  readonly retentionMs?: number;
  /** The largest record, or batch of records where they are compressed together; absent: the cluster's default. The memory transport takes any. */
  readonly maxMessageBytes?: number;
  /** Absent: the cluster's default. */
  readonly replicationFactor?: number;
}

/** A topic as it is. */
export interface TopicDescription {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: TopicCleanup;
  readonly retentionMs: number;
}

/** The bounds of the log of a partition. */
export interface PartitionOffsets extends TopicPartition {
  readonly logStart: number;
  readonly logEnd: number;
}

/** Idempotent calls on the cluster; all reject with a BusError (`transport_failed`, `not_authorized`, `unknown_topic`). */
export interface TransportAdmin {
  /** Those that exist, by name; the cluster never creates one because it was asked for. */
  describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>;
  /** Creates topics; one that exists is left as it is. Resolves when they can be written to. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Adds partitions; keys move to other partitions. */
  addPartitions(topic: string, total: number): Promise<void>;
  deleteTopics(names: readonly string[]): Promise<void>;
  offsets(topic: string): Promise<readonly PartitionOffsets[]>;
  /** What the group has committed; a partition without a commit is absent. */
  committed(group: string, topics: readonly string[]): Promise<readonly (TopicPartition & CommittedOffset)[]>;
}
