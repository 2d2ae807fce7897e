import type { AssignedPartition, BusError, CommitRequest, ConsumerListener, PartitionEpoch, RecordBatch, TransportConsumer } from "@org/bus-core";
import type { Commit, FenceReason } from "../event.js";
import { keyText } from "../key-text.js";
import { epochId, type History } from "./history.js";

interface Observed {
  readonly partition: PartitionEpoch;
  /** Its number in the history. */
  readonly assignment: number;
  fenced: boolean;
}

/** A consumer, and its listener, whose words to each other are noted. */
export class ObservedConsumer implements TransportConsumer {
  /** By partition and epoch. */
  readonly #assignments = new Map<string, Observed>();
  #isClosing = false;

  constructor(
    private readonly consumer: TransportConsumer,
    private readonly topics: ReadonlySet<string>,
    private readonly member: string,
    private readonly history: History,
  ) {
    history.onClosing(member, () => {
      this.#isClosing = true;
      this.announce("closing", this.all());
    });
  }

  start(listener: ConsumerListener): Promise<void> {
    return this.consumer.start({
      assigned: (partitions) => {
        for (const partition of partitions) this.assigned(partition);
        return listener.assigned(partitions);
      },
      records: (batch) => listener.records(this.received(batch)),
      revoked: async (partitions) => {
        this.announce("revoking", partitions);
        await listener.revoked(partitions);
        this.fence(partitions, "revoked");
      },
      lost: (partitions) => {
        this.fence(partitions, "lost");
        listener.lost(partitions);
      },
      stopped: (error: BusError) => {
        this.fence(this.all(), "stopped");
        listener.stopped(error);
      },
    });
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    this.consumer.pause(partitions);
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    this.consumer.resume(partitions);
  }

  position(partition: PartitionEpoch): number | undefined {
    return this.consumer.position?.(partition);
  }

  async commit(requests: readonly CommitRequest[]): Promise<void> {
    // noted before it is sent: what is asked for has to be true at this moment already
    this.noteCommits("committed", requests);
    try {
      await this.consumer.commit(requests);
    } catch (error) {
      this.noteCommits("refused", requests);
      throw error;
    }
    this.noteCommits("acknowledged", requests);
  }

  close(): Promise<void> {
    this.fence(this.all(), "closed");
    return this.consumer.close();
  }

  private all(): readonly PartitionEpoch[] {
    return [...this.#assignments.values()].filter(({ fenced }) => !fenced).map(({ partition }) => partition);
  }

  private observed(partitions: readonly PartitionEpoch[]): Observed[] {
    return partitions.flatMap((partition) => this.#assignments.get(epochId(partition)) ?? []);
  }

  private assigned(assigned: AssignedPartition): void {
    if (!this.topics.has(assigned.topic)) return;
    const assignment = this.history.assign(this.member, assigned);
    this.#assignments.set(epochId(assigned), { partition: assigned, assignment, fenced: false });
    const { topic, partition, position, committed } = assigned;
    const { member } = this;
    this.history.note({ kind: "assigned", topic, partition, member, assignment, position, ...(committed === undefined ? {} : { committed }) });
    if (this.#isClosing) this.announce("closing", [assigned]);
  }

  /** The same batch; each of its records can be told from the same record handed over at another time. */
  private received(batch: RecordBatch): RecordBatch {
    const [observed] = this.observed([batch]);
    if (observed === undefined) return batch;
    const { topic, partition } = batch;
    const within = { member: this.member, assignment: observed.assignment };
    const records = batch.records.map((record) => ({ ...record, headers: { ...record.headers } }));
    for (const { headers } of records) this.history.remember(headers, within);
    this.history.note({ kind: "received", topic, partition, ...within, records: records.map(({ offset, key }) => ({ offset, key: keyText(key) })) });
    return { ...batch, records };
  }

  private announce(kind: "closing" | "revoking", partitions: readonly PartitionEpoch[]): void {
    for (const { partition, assignment } of this.observed(partitions)) this.note(kind, partition, assignment);
  }

  private fence(partitions: readonly PartitionEpoch[], reason: FenceReason): void {
    for (const observed of this.observed(partitions)) {
      if (observed.fenced) continue;
      observed.fenced = true;
      this.note("fenced", observed.partition, observed.assignment, reason);
    }
  }

  private note(
    kind: "closing" | "revoking" | "fenced",
    { topic, partition }: PartitionEpoch,
    assignment: number,
    reason: FenceReason = "revoked",
  ): void {
    const where = { topic, partition, member: this.member, assignment, atMs: this.history.now() };
    this.history.note(kind === "fenced" ? { kind, reason, ...where } : { kind, ...where });
  }

  // also for an assignment that has ended: that is for the checks to find
  private noteCommits(kind: "committed" | "acknowledged" | "refused", requests: readonly CommitRequest[]): void {
    for (const request of requests) {
      const [observed] = this.observed([request]);
      if (observed === undefined) continue;
      const { topic, partition, offset, metadata } = request;
      const commit: Commit = { topic, partition, offset, metadata, member: this.member, assignment: observed.assignment };
      this.history.note({ kind, ...commit });
    }
  }
}
