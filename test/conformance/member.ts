import type {
  AssignedPartition,
  BusError,
  CommittedOffset,
  ConsumerListener,
  IncomingRecord,
  PartitionEpoch,
  RecordBatch,
  TopicPartition,
  TransportConsumer,
} from "@org/bus-core";
import { type ListenerEvent, nameOf } from "./history.js";

/** What a test does inside the callbacks of a member. */
export interface MemberHooks {
  readonly assigned?: (partitions: readonly AssignedPartition[], member: Member) => void | Promise<void>;
  readonly records?: (batch: RecordBatch, member: Member) => void;
  readonly revoked?: (partitions: readonly PartitionEpoch[], member: Member) => Promise<void>;
}

/** A consumer with a listener that remembers everything. */
export class Member implements ConsumerListener {
  readonly consumer: TransportConsumer;
  readonly history: ListenerEvent[] = [];
  readonly #hooks: MemberHooks;
  readonly #onEvent: () => void;
  #owned: readonly AssignedPartition[] = [];

  constructor(consumer: TransportConsumer, hooks: MemberHooks, onEvent: () => void) {
    this.consumer = consumer;
    this.#hooks = hooks;
    this.#onEvent = onEvent;
  }

  /** What it owns now. */
  get owned(): readonly AssignedPartition[] {
    return this.#owned;
  }

  get ownedNames(): readonly string[] {
    return this.#owned.map(nameOf).toSorted();
  }

  /** Every record it received, over all epochs. */
  get received(): readonly IncomingRecord[] {
    return this.history.flatMap((event) => (event.kind === "records" ? event.batch.records : []));
  }

  get stoppedWith(): BusError | undefined {
    return this.history.find((event) => event.kind === "stopped")?.error;
  }

  /** The epoch in which it owns a partition now. */
  current({ topic, partition }: TopicPartition): PartitionEpoch {
    const found = this.#owned.find((owned) => owned.topic === topic && owned.partition === partition);
    if (found === undefined)
      throw new Error(`the member does not own ${nameOf({ topic, partition })}, but ${this.ownedNames.join(", ") || "nothing"}`);
    return { topic, partition, epoch: found.epoch };
  }

  /** The offset after the last record of a partition that it received in the epoch. */
  position({ topic, partition, epoch }: PartitionEpoch): number | undefined {
    const batches = this.history.flatMap((event) => (event.kind === "records" ? [event.batch] : []));
    const last = batches.findLast((batch) => batch.topic === topic && batch.partition === partition && batch.epoch === epoch);
    const offset = last?.records.at(-1)?.offset;
    return offset === undefined ? undefined : offset + 1;
  }

  commit(partition: PartitionEpoch, committed: Partial<CommittedOffset> & { readonly offset: number }): Promise<void> {
    return this.consumer.commit([{ metadata: "", ...partition, ...committed }]);
  }

  get isClosed(): boolean {
    return this.history.some((event) => event.kind === "closed");
  }

  async close(): Promise<void> {
    // from the moment of the first call on, nothing may come
    if (!this.isClosed) this.#note({ kind: "closed" });
    await this.consumer.close();
  }

  async assigned(partitions: readonly AssignedPartition[]): Promise<void> {
    this.#owned = [...this.#owned, ...partitions];
    this.#note({ kind: "assigned", partitions });
    await this.#hooks.assigned?.(partitions, this);
    this.#note({ kind: "ready", partitions });
  }

  records(batch: RecordBatch): void {
    this.history.push({ kind: "records", batch });
    this.#hooks.records?.(batch, this);
    this.#onEvent();
  }

  async revoked(partitions: readonly PartitionEpoch[]): Promise<void> {
    this.#giveUp(partitions);
    this.#note({ kind: "revoked", partitions });
    await this.#hooks.revoked?.(partitions, this);
    this.#note({ kind: "released", partitions });
  }

  lost(partitions: readonly PartitionEpoch[]): void {
    this.#giveUp(partitions);
    this.#note({ kind: "lost", partitions });
  }

  stopped(error: BusError): void {
    this.#note({ kind: "stopped", error });
  }

  #giveUp(partitions: readonly PartitionEpoch[]): void {
    const taken = new Set(partitions.map((each) => `${nameOf(each)}@${each.epoch}`));
    this.#owned = this.#owned.filter((owned) => !taken.has(`${nameOf(owned)}@${owned.epoch}`));
  }

  #note(event: ListenerEvent): void {
    this.history.push(event);
    this.#onEvent();
  }
}
