import { BusError, type OutgoingRecord, type Transaction, type TransactionalProducer, type TransactionalProducerOptions } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { Cluster } from "../client/cluster.js";
import { Coordinator } from "../client/coordinator.js";
import { faultType, mayPass, ProtocolFault, toBusError } from "../client/faults.js";
import { backoffMs, within } from "../client/timing.js";
import { nameOf } from "../client/topic-partitions.js";
import { classify } from "./failure.js";
import type { PartitionQueue } from "./partition-queue.js";
import { type BatchAnswer, produce } from "./produce.js";
import type { ProducerOptions } from "./producer.js";
import type { ProducerIdentity } from "./producer-identity.js";
import { Send, type SendContext } from "./send.js";
import {
  abortTransaction,
  addOffsets,
  addPartitions,
  endTransaction,
  initTransactions,
  type OpenTransaction,
  writeOffsets,
} from "./transaction-requests.js";

const TRIES = 10;
/** Somebody has taken over the transactional id, or the cluster has ended the transaction for its length. */
const FENCED = ["PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH", "TRANSACTION_COORDINATOR_FENCED"];
/** The one before is being completed, which takes a few ms. */
const COMPLETING = "CONCURRENT_TRANSACTIONS";
const COMPLETING_FIRST_MS = 5;
const COMPLETING_MOST_MS = 100;
/** How long a topic that was just created may stay unknown to a broker. */
const MISSING_GRACE_MS = 1_000;
const ABORT_TIMEOUT_MS = 5_000;

/** Writes transactions under one identity, which ends with the first that fails. */
export class KafkaTransactionalProducer implements TransactionalProducer, SendContext {
  readonly cluster: Cluster;
  readonly #options: ProducerOptions;
  readonly #transaction: OpenTransaction;
  #retired = false;
  #committing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: ProducerOptions, transaction: OpenTransaction) {
    this.cluster = options.cluster;
    this.#options = options;
    this.#transaction = transaction;
  }

  static async connect(
    options: ProducerOptions,
    { transactionalId, transactionTimeoutMs }: TransactionalProducerOptions,
  ): Promise<TransactionalProducer> {
    const { cluster } = options;
    const coordinator = new Coordinator(cluster.client, "transaction", transactionalId);
    try {
      const identity = await cluster.persist(`take over the transactional id ${transactionalId}`, TRIES, async () => {
        try {
          return await initTransactions(coordinator, transactionalId, transactionTimeoutMs);
        } catch (error) {
          coordinator.failed(error);
          throw error;
        }
      });
      return new KafkaTransactionalProducer(options, { coordinator, transactionalId, identity, timeoutMs: transactionTimeoutMs });
    } catch (error) {
      await cluster.client.close();
      throw error;
    }
  }

  async commit(transaction: Transaction, { timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    if (this.#closing !== undefined) throw new BusError("closed", "the producer is closed");
    if (this.#committing !== undefined)
      throw new BusError("publish_failed", "commit was called while another one was out: wait until it has resolved");
    this.#committing = this.#commit(transaction, this.cluster.timing.clock.now() + timeoutMs);
    try {
      await this.#committing;
    } finally {
      this.#committing = undefined;
    }
  }

  close(): Promise<void> {
    this.#closing ??= (this.#committing ?? Promise.resolve()).catch(() => {}).then(() => this.cluster.client.close());
    return this.#closing;
  }

  async identity(): Promise<ProducerIdentity> {
    if (this.#retired) throw new ProtocolFault("INVALID_PRODUCER_EPOCH", false, "the sequence numbers of the producer are in doubt");
    return this.#transaction.identity;
  }

  retire(): void {
    this.#retired = true;
  }

  produce(
    broker: number,
    identity: ProducerIdentity,
    queues: readonly PartitionQueue[],
    timeoutMs: number,
  ): Promise<ReadonlyMap<string, BatchAnswer>> {
    const { compression, requestTimeoutMs } = this.#options;
    const brokerTimeoutMs = Math.ceil(Math.min(timeoutMs, requestTimeoutMs));
    const { transactionalId } = this.#transaction;
    return produce(this.cluster.client, queues, { broker, identity, transactionalId, compression, timeoutMs: brokerTimeoutMs });
  }

  async #commit({ records, group, offsets }: Transaction, deadline: number): Promise<void> {
    const open = this.#transaction;
    // both have to come to an end before the transaction does
    const written = await Promise.allSettled([this.#writeRecords(open, records, deadline), this.#writeOffsets(open, group, offsets, deadline)]);
    const failed = written.find((each) => each.status === "rejected");
    if (failed !== undefined) {
      await this.#abort(open);
      throw this.#failure(failed.reason, false);
    }
    let inDoubt = 0;
    const end = async () => {
      inDoubt++;
      try {
        await endTransaction(open);
      } catch (error) {
        if (!classify(error).uncertain) inDoubt--;
        throw error;
      }
    };
    await this.#persist(open.coordinator, deadline, end).catch((error: unknown) => {
      throw this.#failure(error, inDoubt > 0);
    });
  }

  async #writeRecords(open: OpenTransaction, records: readonly OutgoingRecord[], deadline: number): Promise<void> {
    if (records.length === 0) return;
    const partitions = [...new Map(records.map((record) => [nameOf(record), record])).values()];
    await this.#persist(open.coordinator, deadline, () => addPartitions(open, partitions));
    const outcomes = await new Send(this, records, deadline - this.cluster.timing.clock.now()).run();
    for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
  }

  async #writeOffsets(open: OpenTransaction, group: string, offsets: Transaction["offsets"], deadline: number): Promise<void> {
    if (offsets.length === 0) return;
    await this.#persist(open.coordinator, deadline, () => addOffsets(open, group));
    const groupCoordinator = new Coordinator(this.cluster.client, "group", group);
    await this.#persist(groupCoordinator, deadline, () => writeOffsets(groupCoordinator, open, group, offsets));
  }

  /** Whatever it fails with: the next producer with the id, or the time of the transaction, ends it. */
  async #abort(open: OpenTransaction): Promise<void> {
    this.#retired = true;
    const { clock } = this.cluster.timing;
    const aborted = this.#persist(open.coordinator, clock.now() + ABORT_TIMEOUT_MS, () => abortTransaction(open));
    await within(clock, ABORT_TIMEOUT_MS, aborted).catch(() => {});
  }

  /** Repeats what may pass until the deadline. */
  async #persist(coordinator: Coordinator, deadline: number, call: () => Promise<void>): Promise<void> {
    const { clock, random } = this.cluster.timing;
    const startedAt = clock.now();
    for (let failures = 0; ; failures++) {
      try {
        return await within(clock, Math.max(0, deadline - clock.now()), call());
      } catch (error) {
        coordinator.failed(error);
        const missing = faultType(error) === "UNKNOWN_TOPIC_OR_PARTITION" && clock.now() - startedAt >= MISSING_GRACE_MS;
        if (!mayPass(error) || missing || clock.now() >= deadline) throw error;
        const completing = Math.min(COMPLETING_MOST_MS, COMPLETING_FIRST_MS * 2 ** failures);
        const delayMs = faultType(error) === COMPLETING ? completing : backoffMs(failures, random);
        await sleep(clock, Math.min(delayMs, Math.max(0, deadline - clock.now())));
      }
    }
  }

  #failure(error: unknown, mayHaveBeenWritten: boolean): BusError {
    const { principal } = this.cluster;
    const { transactionalId } = this.#transaction;
    if (FENCED.includes(faultType(error))) {
      const message = `a later producer has the transactional id ${transactionalId}, or the transaction took longer than its timeout`;
      return new BusError("fenced", message, { cause: error, mayHaveBeenWritten, details: { transactionalId } });
    }
    const cause = toBusError(error, { operation: `write the transaction of ${transactionalId}`, principal, details: { transactionalId } });
    const code = cause.code === "transport_failed" ? "publish_failed" : cause.code;
    return new BusError(code, cause.message, { cause: cause.cause, retryable: cause.retryable, mayHaveBeenWritten, details: cause.details });
  }
}
