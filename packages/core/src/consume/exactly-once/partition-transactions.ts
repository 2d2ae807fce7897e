import { type Clock, sleep } from "../../clock.js";
import type { ConsumerTracing } from "../../context/process-span.js";
import { BusError } from "../../errors.js";
import { backoffMs } from "../../failure/backoff.js";
import type { Logger } from "../../logger.js";
import { sent } from "../../metrics/publish-metrics.js";
import type { StreamMetrics } from "../../metrics/stream-metrics.js";
import type { OutgoingRecord } from "../../transport/record.js";
import type { CommittedOffset, Transaction, TransactionalProducer } from "../../transport/transport.js";
import { type DueCommit, type DueCommits, noteCommitted } from "../commit/due-commits.js";
import type { PartitionWork } from "../partition/partition-work.js";
import type { Outbox, OutboxEntry } from "./outbox.js";

const commitTimeoutMs = 30_000;
const retryBackoff = { initialBackoffMs: 100, maxBackoffMs: 5_000, jitter: 0.2 };

export interface PartitionTransactionsInput {
  readonly group: string;
  readonly metrics?: StreamMetrics;
  readonly tracing?: ConsumerTracing;
  /** `Transport.name` */
  readonly system: string;
  readonly work: PartitionWork;
  readonly outbox: Outbox;
  readonly due: DueCommits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Makes a producer; earlier ones of the partition are fenced then, and what they left open is settled. */
  readonly connect: () => Promise<TransactionalProducer>;
  /** What the group has committed of the partition. */
  readonly readCommitted: () => Promise<CommittedOffset | undefined>;
  /** A transaction is committed. */
  readonly onCommitted: (records: readonly OutgoingRecord[]) => void;
  /** Another member has written for this partition. */
  readonly onFenced: (error: BusError) => void;
  /** The cluster will never take the transaction. */
  readonly onRefused: (error: BusError) => void;
}

/** A transaction that is not known to be committed. */
interface Attempt {
  readonly commit: DueCommit;
  readonly entries: readonly OutboxEntry[];
}

/**
 * The transactions of one partition in one epoch, one at a time. After a failure nobody knows whether the transaction is there; a new producer settles
 * that, and then the committed offset tells: as it was, and the same transaction is written again; as it was to be, and it is done; anything else, and another member owns the partition.
 */
export class PartitionTransactions {
  private last: Promise<void> = Promise.resolve();
  private queued: Promise<void> | undefined;
  private attempt: Attempt | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly input: PartitionTransactionsInput,
    private producer: TransactionalProducer | undefined,
  ) {}

  /** Resolves when all that is settled by now is committed, or given up. */
  commit(): Promise<void> {
    this.queued ??= this.last = this.last.then(() => {
      this.queued = undefined;
      return this.write();
    });
    return this.queued;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.last;
    await this.disconnect();
  }

  private async write(): Promise<void> {
    const { work, clock, random } = this.input;
    // one that an earlier call has left knows nothing of what was settled since
    let isOfThisCall = false;
    for (let failures = 1; !this.isFenced; failures++) {
      try {
        this.producer ??= await this.reconnect();
        // it may have moved away meanwhile
        if (this.isFenced) return;
        if (this.attempt === undefined) {
          this.attempt = this.nextAttempt();
          isOfThisCall = true;
        }
        if (this.attempt === undefined) return;
        await this.commitOnce(this.producer, this.transaction(this.attempt));
        this.committed(this.attempt);
        if (isOfThisCall) return;
        continue;
      } catch (error) {
        await this.disconnect();
        if (!this.failed(BusError.from(error, "transport_failed"))) return;
      }
      // what is about to move away is left to the next owner
      if (work.state !== "active") return;
      await sleep(clock, backoffMs(retryBackoff, failures, random), this.closing.signal);
    }
  }

  private async commitOnce(producer: TransactionalProducer, transaction: Transaction): Promise<void> {
    const { metrics, system, tracing, group, work } = this.input;
    const since = metrics?.begin() ?? 0;
    const commit = () => producer.commit(transaction, { timeoutMs: commitTimeoutMs });
    try {
      const { topic, partition } = work;
      await (tracing?.traceTransaction?.({ group, topic, partition }, transaction, commit) ?? commit());
    } catch (error) {
      metrics?.committed(since, error);
      throw error;
    }
    metrics?.committed(since);
    sent(system, transaction.records, [], since);
  }

  private get isFenced(): boolean {
    return this.input.work.state === "fenced";
  }

  private nextAttempt(): Attempt | undefined {
    const { work, outbox, due } = this.input;
    const commit = due.of(work);
    return commit && { commit, entries: outbox.below(commit.isWhole ? Number.POSITIVE_INFINITY : commit.request.offset) };
  }

  private transaction({ commit, entries }: Attempt): Transaction {
    return { group: this.input.group, offsets: [commit.request], records: recordsOf(entries) };
  }

  private committed({ commit, entries }: Attempt): void {
    this.attempt = undefined;
    noteCommitted(commit);
    this.input.outbox.remove(entries);
    this.input.onCommitted(recordsOf(entries));
  }

  /** Whether another try makes sense. */
  private failed(error: BusError): boolean {
    const { work, group, logger, due, onFenced, onRefused } = this.input;
    const { topic, partition } = work;
    if (work.state === "fenced") return false;
    if (error.code === "fenced") {
      onFenced(error);
      return false;
    }
    const { request } = this.attempt?.commit ?? {};
    if (!error.retryable && !error.mayHaveBeenWritten) {
      const metadataMayBeWhy = error.code === "transport_failed" && request !== undefined && request.metadata !== "" && !due.withoutMaps;
      if (!metadataMayBeWhy) {
        onRefused(refused(error, group, work, request?.offset));
        return false;
      }
      due.withoutMaps = true;
      this.attempt = undefined;
    }
    logger.warn({ group, topic, partition, offset: request?.offset, error: error.message }, "a transaction failed; it is tried again");
    return true;
  }

  private async reconnect(): Promise<TransactionalProducer> {
    const { connect, readCommitted, work } = this.input;
    const producer = await connect();
    try {
      const found = await readCommitted();
      if (this.attempt !== undefined && isSame(found, this.attempt.commit.request)) this.committed(this.attempt);
      else if (!isSame(found, lastCommit(work))) throw overtaken(work, found);
      return producer;
    } catch (error) {
      await producer.close().catch(() => {});
      throw error;
    }
  }

  private async disconnect(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.close().catch(() => {});
  }
}

const recordsOf = (entries: readonly OutboxEntry[]): readonly OutgoingRecord[] => entries.flatMap(({ records }) => records);

function lastCommit({ committed, committedMetadata }: PartitionWork): CommittedOffset | undefined {
  return committed === undefined ? undefined : { offset: committed, metadata: committedMetadata };
}

function isSame(a: CommittedOffset | undefined, b: CommittedOffset | undefined): boolean {
  return a?.offset === b?.offset && a?.metadata === b?.metadata;
}

function overtaken({ topic, partition, committed }: PartitionWork, found: CommittedOffset | undefined): BusError {
  return new BusError("fenced", `${topic}[${partition}] was committed at ${found?.offset} by another member, after ${committed} by this one`, {
    details: { topic, partition },
  });
}

function refused(error: BusError, group: string, { topic, partition }: PartitionWork, offset: number | undefined): BusError {
  return new BusError(error.code, `the transaction of ${topic}[${partition}] up to offset ${offset} was refused: ${error.message}`, {
    cause: error,
    details: { ...error.details, group, topic, partition },
  });
}
