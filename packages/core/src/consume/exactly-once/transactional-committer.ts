import { sleep } from "../../clock.js";
import { BusError } from "../../errors.js";
import { backoffMs } from "../../failure/backoff.js";
import type { StreamMetrics } from "../../metrics/stream-metrics.js";
import type { OutgoingRecord } from "../../transport/record.js";
import type { AssignedPartition, CommittedOffset, PartitionEpoch, TransactionalProducer, Transport } from "../../transport/transport.js";
import { DueCommits } from "../commit/due-commits.js";
import type { OffsetCommitter } from "../commit/offset-committer.js";
import type { ConsumeDependencies } from "../dependencies.js";
import type { CommitCuts } from "../options.js";
import type { PartitionWork } from "../partition/partition-work.js";
import { PartitionTransactions } from "./partition-transactions.js";
import { transactionalId } from "./transactional-id.js";

const transactionTimeoutMs = 60_000;
/** About 3 s: a revocation of what is being taken over waits for it. */
const takeOverTries = 6;
const takeOverBackoff = { initialBackoffMs: 100, maxBackoffMs: 5_000, jitter: 0.5 };

export interface TransactionalCommitterInput {
  readonly group: string;
  readonly metrics?: StreamMetrics;
  readonly dependencies: Pick<ConsumeDependencies, "transport" | "clock" | "logger" | "random"> & Partial<Pick<ConsumeDependencies, "tracing">>;
  readonly onCeiling: (work: PartitionWork) => void;
  readonly cuts?: CommitCuts | undefined;
  /** What waited in the outbox of a partition is committed. */
  readonly onCommitted: (work: PartitionWork, records: readonly OutgoingRecord[]) => void;
  readonly onFenced: (error: BusError) => void;
  readonly onRefused: (error: BusError) => void;
}

/** Commits what is settled together with all that came of it: records, dead letters and offsets of a partition in one transaction. */
export class TransactionalCommitter implements OffsetCommitter {
  private readonly producers = new Map<string, TransactionalProducer>();
  private readonly partitions = new Map<PartitionWork, PartitionTransactions>();
  private readonly due: DueCommits;
  private readonly closing = new Set<Promise<void>>();
  private closed = false;

  constructor(private readonly input: TransactionalCommitterInput) {
    this.due = new DueCommits(input.onCeiling, input.cuts);
  }

  /**
   * Fences the earlier owners of these partitions, and reads what they have committed only then: what the transport has read may have changed since. What may
   * pass is tried again: other partitions are at work, and would have to begin anew.
   */
  async takeOver(assigned: readonly AssignedPartition[]): Promise<readonly AssignedPartition[]> {
    if (assigned.length === 0) return assigned;
    const { admin } = this.input.dependencies.transport;
    const committed = await this.persist(async () => {
      await this.connectAll(assigned.filter((partition) => !this.producers.has(nameOf(partition))));
      return admin.committed(this.input.group, [...new Set(assigned.map(({ topic }) => topic))]);
    });
    return assigned.map((partition) => {
      const found = committed.find((each) => each.topic === partition.topic && each.partition === partition.partition);
      if (found === undefined || (found.offset === partition.committed?.offset && found.metadata === partition.committed.metadata)) return partition;
      const { offset, metadata } = found;
      return { ...partition, committed: { offset, metadata }, position: Math.max(partition.position, offset) };
    });
  }

  begin(works: readonly PartitionWork[]): void {
    const { group, metrics, dependencies, onCommitted, onFenced, onRefused } = this.input;
    const { clock, logger, random = Math.random } = dependencies;
    for (const work of works) {
      const { outbox } = work;
      if (outbox === undefined) continue;
      const transactions = new PartitionTransactions(
        {
          group,
          ...(metrics === undefined ? {} : { metrics }),
          ...(dependencies.tracing === undefined ? {} : { tracing: dependencies.tracing }),
          system: dependencies.transport.name,
          work,
          outbox,
          due: this.due,
          clock,
          logger,
          random,
          connect: () => this.connect(work),
          readCommitted: () => this.readCommitted(work),
          onCommitted: (records) => onCommitted(work, records),
          onFenced,
          onRefused,
        },
        this.producers.get(nameOf(work)),
      );
      this.producers.delete(nameOf(work));
      this.partitions.set(work, transactions);
    }
  }

  async commit(works: readonly PartitionWork[]): Promise<void> {
    await Promise.all(works.map((work) => this.partitions.get(work)?.commit()));
  }

  release(works: readonly PartitionWork[]): void {
    for (const work of works) {
      const closed = this.partitions.get(work)?.close();
      this.partitions.delete(work);
      if (closed === undefined) continue;
      this.closing.add(closed);
      void closed.finally(() => this.closing.delete(closed));
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.release([...this.partitions.keys()]);
    await Promise.all([...this.closing, ...[...this.producers.values()].map((producer) => producer.close().catch(() => {}))]);
  }

  private async persist<T>(call: () => Promise<T>): Promise<T> {
    const { clock, random = Math.random } = this.input.dependencies;
    for (let failures = 1; ; failures++) {
      try {
        return await call();
      } catch (error) {
        if (failures === takeOverTries || !BusError.from(error, "transport_failed").retryable) throw error;
        await sleep(clock, backoffMs(takeOverBackoff, failures, random));
        if (this.closed) throw error;
      }
    }
  }

  private async connectAll(partitions: readonly AssignedPartition[]): Promise<void> {
    const connected = await Promise.allSettled(partitions.map((partition) => this.keepConnected(partition)));
    for (const result of connected) if (result.status === "rejected") throw result.reason;
  }

  private async keepConnected(partition: AssignedPartition): Promise<void> {
    const producer = await this.connect(partition);
    if (!this.closed) {
      this.producers.set(nameOf(partition), producer);
      return;
    }
    // its connections would keep the process alive
    await producer.close().catch(() => {});
    throw new BusError("closed", "the stream was closed while its producers were being opened");
  }

  private connect(partition: Pick<PartitionEpoch, "topic" | "partition">): Promise<TransactionalProducer> {
    const { dependencies, group } = this.input;
    return createTransactionalProducer(dependencies.transport)({ transactionalId: transactionalId(group, partition), transactionTimeoutMs });
  }

  private async readCommitted({ topic, partition }: PartitionWork): Promise<CommittedOffset | undefined> {
    const committed = await this.input.dependencies.transport.admin.committed(this.input.group, [topic]);
    return committed.find((each) => each.topic === topic && each.partition === partition);
  }
}

/** @throws {BusError} `unsupported` */
export function createTransactionalProducer(transport: Transport): NonNullable<Transport["createTransactionalProducer"]> {
  const create = transport.createTransactionalProducer?.bind(transport);
  if (create !== undefined && transport.features.transactions) return create;
  throw new BusError("unsupported", `exactlyOnce needs transactions, and transport ${transport.name} has none`);
}

function nameOf({ topic, partition, epoch }: PartitionEpoch): string {
  return `${topic}[${partition}]@${epoch}`;
}
