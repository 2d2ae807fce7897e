import {
  BusError,
  type Clock,
  type CommitRequest,
  type OutgoingRecord,
  type Transaction,
  type TransactionalProducer,
  type TransactionalProducerOptions,
} from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { Transaction as KafkajsTransaction, Producer, RecordMetadata } from "kafkajs";
import type { Backoff } from "../client/backoff.js";
import type { Connection } from "../client/connection.js";
import { isRetriable, protocolError, toBusError } from "../client/errors.js";
import { toOffsets } from "../consumer/commit.js";
import { classify } from "./failure.js";
import { PartitionLeaders } from "./partition-leaders.js";
import type { PartitionQueue } from "./partition-queue.js";
import { ALL_IN_SYNC, COMPRESSION, NO_RETRIES, type ProducerOptions } from "./producer.js";
import { Send, type Session } from "./send.js";
import { within } from "./within.js";

const CONNECT_TIMEOUT_MS = 30_000;
const ABORT_TIMEOUT_MS = 5_000;
/** The transaction before is being completed, which takes a few ms; with the 300 ms of kafkajs there are 6 to 13 transactions a second. */
const COMPLETING = "CONCURRENT_TRANSACTIONS";
const COMPLETING_WAIT_MS = 5;
/** How long a topic that was just created may stay unknown to a broker. */
const MISSING_GRACE_MS = 1_000;
const MISSING = "UNKNOWN_TOPIC_OR_PARTITION";
/** Somebody has taken over the transactional id, or the cluster has ended the transaction for its length. */
const FENCED = ["INVALID_PRODUCER_EPOCH", "PRODUCER_FENCED", "TRANSACTION_COORDINATOR_FENCED", "INVALID_PRODUCER_ID_MAPPING"];
/** The answer will be the same next time. */
const REFUSED = [
  "OFFSET_METADATA_TOO_LARGE",
  "INVALID_COMMIT_OFFSET_SIZE",
  "INVALID_TRANSACTION_TIMEOUT",
  "INVALID_GROUP_ID",
  "INVALID_TOPIC_EXCEPTION",
];

/**
 * Writes transactions under one producer id of kafkajs, which ends with the first that fails.
 *
 * A failed transaction is aborted when every request of it was answered. When one was not, it may still arrive, and after an abort it would open the next
 * transaction: it is left to the next producer with the id, which raises the epoch and so keeps it out.
 */
export class KafkaTransactionalProducer implements TransactionalProducer, Session {
  readonly #connection: Connection;
  readonly #options: ProducerOptions;
  readonly #transactionalId: string;
  readonly #producer: Producer;
  readonly #leaders: PartitionLeaders;
  #transaction: KafkajsTransaction;
  /** Why nothing can be written any more. */
  #failure: BusError | undefined;
  #unanswered = false;
  #committing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    connection: Connection,
    options: ProducerOptions,
    { transactionalId }: TransactionalProducerOptions,
    kafkajs: { readonly producer: Producer; readonly leaders: PartitionLeaders; readonly transaction: KafkajsTransaction },
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#transactionalId = transactionalId;
    this.#producer = kafkajs.producer;
    this.#leaders = kafkajs.leaders;
    this.#transaction = kafkajs.transaction;
  }

  static async connect(
    connection: Connection,
    options: ProducerOptions,
    transactional: TransactionalProducerOptions,
  ): Promise<TransactionalProducer> {
    const { transactionalId, transactionTimeoutMs } = transactional;
    const leaders = new PartitionLeaders();
    const producer = connection.createClient().producer({
      transactionalId,
      transactionTimeout: transactionTimeoutMs,
      allowAutoTopicCreation: false,
      createPartitioner: leaders.createPartitioner,
      retry: { retries: NO_RETRIES },
    });
    try {
      await producer.connect();
      const transaction = await takeOver(producer, connection);
      return new KafkaTransactionalProducer(connection, options, transactional, { producer, leaders, transaction });
    } catch (error) {
      await producer.disconnect().catch(() => {});
      throw failureOf(error, `take over the transactional id ${transactionalId}`, connection.principal);
    }
  }

  get principal(): string {
    return this.#connection.principal;
  }

  get clock(): Clock {
    return this.#connection.clock;
  }

  get backoff(): Backoff {
    return this.#connection.backoff;
  }

  async commit(transaction: Transaction, { timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    if (this.#closing !== undefined) throw new BusError("closed", "the producer is closed");
    if (this.#committing !== undefined)
      throw new BusError("publish_failed", "commit was called while another one was out: wait until it has resolved");
    if (this.#failure !== undefined) throw this.#failure;
    const committing = this.#commit(transaction, this.clock.now() + timeoutMs);
    this.#committing = committing;
    try {
      await committing;
    } finally {
      this.#committing = undefined;
    }
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#committing?.catch(() => {});
      await this.#producer.disconnect();
    })();
    return this.#closing;
  }

  /** @internal of `Send` */
  async request(queues: readonly PartitionQueue[], timeoutMs: number): Promise<readonly RecordMetadata[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const topicMessages = queues.map(({ topic, messages }) => ({ topic, messages }));
    const timeout = Math.ceil(Math.min(timeoutMs, this.#options.requestTimeoutMs));
    const compression = COMPRESSION[this.#options.compression];
    const now = this.clock.now();
    for (let failures = 0; ; failures++) {
      try {
        return await this.#whileCompleting(now + timeoutMs, () =>
          this.#transaction.sendBatch({ acks: ALL_IN_SYNC, timeout, compression, topicMessages }),
        );
      } catch (error) {
        if (protocolError(error) !== MISSING) throw error;
        // `Send` would take another producer
        if (this.clock.now() - now >= MISSING_GRACE_MS)
          throw failureOf(error, `write to ${queues.map(({ topic }) => topic).join(", ")}`, this.principal);
      }
      await this.backoff.wait(failures);
    }
  }

  /** @internal of `Send` */
  leader(topic: string, partition: number): number | undefined {
    return this.#leaders.expect(topic, partition);
  }

  /** @internal of `Send`: the sequence numbers are in doubt, and a transaction has no others. */
  renew(): void {
    this.#failure ??= new BusError("publish_failed", `the transaction of ${this.#transactionalId} cannot go on`, { retryable: true });
  }

  async #commit({ records, group, offsets }: Transaction, deadline: number): Promise<void> {
    try {
      if (records.length > 0) await this.#write(records, deadline);
      if (offsets.length > 0) await this.#sendOffsets(group, offsets, deadline);
    } catch (error) {
      throw await this.#fail(error, `write the transaction of ${this.#transactionalId}`);
    }
    try {
      await within(Math.max(1, deadline - this.clock.now()), this.#transaction.commit(), this.clock);
      this.#unanswered = false;
      // asks nobody
      this.#transaction = await this.#producer.transaction();
    } catch (error) {
      throw this.#ended(error);
    }
  }

  async #write(records: readonly OutgoingRecord[], deadline: number): Promise<void> {
    const outcomes = await new Send(this, records, Math.max(1, deadline - this.clock.now())).run();
    for (const outcome of outcomes) {
      if (outcome.ok) continue;
      const { code, message, retryable, mayHaveBeenWritten, cause, details } = outcome.error;
      // whatever was written of it is never seen
      throw new BusError(code, message, { cause, retryable: retryable || mayHaveBeenWritten, details });
    }
  }

  async #sendOffsets(group: string, offsets: readonly CommitRequest[], deadline: number): Promise<void> {
    const topics = toOffsets(offsets).topics;
    for (let failures = 0; ; failures++) {
      try {
        await this.#whileCompleting(deadline, () => this.#transaction.sendOffsets({ consumerGroupId: group, topics }));
        return;
      } catch (error) {
        // kafkajs stays with a coordinator that is none any more
        if (!isRetriable(error) || protocolError(error) === "" || this.clock.now() >= deadline) throw error;
      }
      await this.backoff.wait(failures);
    }
  }

  /** `call`, which is repeated while the cluster completes the transaction before. */
  async #whileCompleting<T>(deadline: number, call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await within(Math.max(1, deadline - this.clock.now()), call(), this.clock);
      } catch (error) {
        if (FENCED.includes(protocolError(error))) throw this.#fenced(error);
        if (protocolError(error) !== COMPLETING || this.clock.now() >= deadline) {
          this.#unanswered ||= classify(error).unanswered;
          throw error;
        }
      }
      await sleep(this.clock, COMPLETING_WAIT_MS);
    }
  }

  async #fail(error: unknown, operation: string): Promise<BusError> {
    const failure = failureOf(error, operation, this.principal);
    this.#failure = failure;
    if (!this.#unanswered && failure.code !== "fenced") {
      // if not, the next producer with the id does it
      await within(ABORT_TIMEOUT_MS, this.#transaction.abort(), this.clock).catch(() => {});
    }
    return failure;
  }

  /** The end of the transaction failed: unless it was refused, nobody knows whether it is there. */
  #ended(error: unknown): BusError {
    if (FENCED.includes(protocolError(error))) return this.#fenced(error);
    const { message, details } = failureOf(error, `commit the transaction of ${this.#transactionalId}`, this.principal);
    this.#failure = new BusError("publish_failed", message, { cause: error, retryable: true, mayHaveBeenWritten: true, details });
    return this.#failure;
  }

  #fenced(cause: unknown): BusError {
    const transactionalId = this.#transactionalId;
    this.#failure = new BusError("fenced", `a later producer has the transactional id ${transactionalId}, or its transaction took too long`, {
      cause,
      details: { transactionalId },
    });
    return this.#failure;
  }
}

/** Has the cluster fence earlier producers and complete what they left open. The transaction itself begins with its first request. */
async function takeOver(producer: Producer, { clock, backoff }: Connection): Promise<KafkajsTransaction> {
  const deadline = clock.now() + CONNECT_TIMEOUT_MS;
  for (let failures = 0; ; failures++) {
    try {
      return await within(Math.max(1, deadline - clock.now()), producer.transaction(), clock);
    } catch (error) {
      if (!isRetriable(error) || clock.now() >= deadline) throw error;
    }
    await backoff.wait(failures);
  }
}

/** What was not refused for good may be tried again: nothing of the transaction is ever seen. */
function failureOf(error: unknown, operation: string, principal: string): BusError {
  if (error instanceof BusError) return error;
  const { code, message, details } = toBusError(error, { operation, principal });
  const retryable = code === "transport_failed" && !REFUSED.includes(protocolError(error));
  return new BusError(code, message, { cause: error, retryable, details });
}
