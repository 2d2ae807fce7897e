import { partitionName, type TopicPartition } from "../../transport/record.js";
import type { AssignedPartition, PartitionEpoch, TransportConsumer } from "../../transport/transport.js";
import type { Outbox } from "../exactly-once/outbox.js";
import { Credit, type CreditLimits } from "./credit.js";
import { PartitionWork } from "./partition-work.js";

/** The partitions of a run, and whether each of them may be read on. */
export class AssignedPartitions {
  private readonly works = new Map<string, PartitionWork>();
  private readonly credit: Credit;
  private pausedByUser = false;

  constructor(
    private readonly consumer: Pick<TransportConsumer, "pause" | "resume">,
    limits: CreditLimits,
    /** A limit has begun to hold back a partition. */
    private readonly onExhausted: (work: PartitionWork) => void = () => {},
    /** Exactly once only. */
    private readonly outboxes?: { create(): Outbox; onSettled(work: PartitionWork): void },
  ) {
    this.credit = new Credit(limits);
  }

  all(): readonly PartitionWork[] {
    return [...this.works.values()];
  }

  /** How far each partition may be read ahead. */
  get share(): CreditLimits {
    return this.credit.share;
  }

  /** The work of the current epoch. */
  find(partition: TopicPartition): PartitionWork | undefined {
    return this.works.get(partitionName(partition));
  }

  /** The work of this epoch, or undefined when the epoch is over. */
  get(partition: PartitionEpoch): PartitionWork | undefined {
    const work = this.works.get(partitionName(partition));
    return work?.epoch === partition.epoch ? work : undefined;
  }

  add(assigned: readonly AssignedPartition[]): readonly PartitionWork[] {
    const added = assigned.map((partition) => new PartitionWork(partition, (work) => this.settled(work), this.outboxes?.create()));
    for (const work of added) {
      this.works.get(partitionName(work))?.fence();
      this.works.set(partitionName(work), work);
    }
    if (this.pausedByUser) this.consumer.pause(assigned);
    this.deal();
    return added;
  }

  /** Nothing of these partitions settles any more. */
  fence(works: readonly PartitionWork[]): void {
    for (const work of works) {
      work.fence();
      if (this.works.get(partitionName(work)) === work) this.works.delete(partitionName(work));
    }
    this.deal();
  }

  pause(): void {
    this.pausedByUser = true;
    this.consumer.pause(this.all());
  }

  resume(): void {
    this.pausedByUser = false;
    this.consumer.resume(this.all().filter((work) => work.pausedBy === undefined));
  }

  /** Pauses or resumes a partition by what it uses of the credit. */
  check(work: PartitionWork): void {
    const before = work.pausedBy;
    work.pausedBy = this.credit.holdsBack(work, before !== undefined);
    if (work.state !== "active") return;
    if (before === undefined && work.pausedBy !== undefined) this.onExhausted(work);
    if (this.pausedByUser) return;
    if (before === undefined && work.pausedBy !== undefined) this.consumer.pause([work]);
    if (before !== undefined && work.pausedBy === undefined) this.consumer.resume([work]);
  }

  pauseReason(work: PartitionWork): "user" | PartitionWork["pausedBy"] {
    return this.pausedByUser ? "user" : work.pausedBy;
  }

  private settled(work: PartitionWork): void {
    if (work.pausedBy !== undefined) this.check(work);
    this.outboxes?.onSettled(work);
  }

  private deal(): void {
    this.credit.setPartitions(this.works.size);
    for (const work of this.works.values()) this.check(work);
  }
}
