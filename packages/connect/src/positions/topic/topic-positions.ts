import { randomUUID } from "node:crypto";
import {
  type AssignedPartition,
  type Bus,
  BusError,
  type OutgoingRecord,
  type PartitionEpoch,
  type RecordBatch,
  type TransportConsumer,
} from "@org/bus-core";
import { backoffMs, busInternals, messageOf, partitionForKey, resolveOptions, sleep } from "@org/bus-core/internal";
import { z } from "zod";
import type { Split } from "../../source/source.js";
import type { SplitPosition } from "../../task/split/split-log.js";
import { readLog } from "../../topic/read-log.js";
import type { OwnershipListener, PositionStore, Positions } from "../position-store.js";
import { Slot, slotRecord } from "./slot.js";
import { StoredPositions } from "./stored-positions.js";

export const topicPositionsOptions = z.strictObject({
  partitions: z
    .number()
    .int()
    .min(1)
    .default(32)
    .describe("Of the topic, when it is created: a split belongs to one of them by its id, and no more processes than these can share the splits."),
});

export type TopicPositionsOptions = z.input<typeof topicPositionsOptions>;

/**
 * How long a partition that comes waits until it is read. A process that was killed may have left a transaction open in it, which hides what lies behind until it
 * times out, or until the tasks of its splits end it: they fence earlier owners before they ask for positions, and then read to the end again.
 */
const patienceMs = 200;

const reopenBackoff = { initialBackoffMs: 200, maxBackoffMs: 30_000, jitter: 0.2 };

/** The topic of the positions of a connector. */
export const positionsTopic = (connector: string): string => `${connector}.positions`;

/**
 * Keeps positions in a compacted topic of each connector, `<connector>.positions`. Its consumer group spreads the splits: the owner of a partition reads the
 * splits whose ids fall on it, and finds their positions there. So Kafka says whose turn it is, and there is no other scheduler.
 */
export function topicPositions(options: TopicPositionsOptions = {}): PositionStore {
  const { partitions } = resolveOptions("topicPositions", topicPositionsOptions, options);
  return {
    async open(connector, bus, listener) {
      const { admin } = busInternals(bus).transport;
      const topic = positionsTopic(connector);
      if (!(await admin.describeTopics([topic])).has(topic)) await admin.createTopics([{ name: topic, partitions, cleanup: "compact" }]);
      const found = (await admin.describeTopics([topic])).get(topic);
      if (found?.cleanup === "delete") {
        throw new BusError("topic_conflict", `topic ${topic} has cleanup delete, which forgets positions; make it compact`);
      }
      return new TopicPositions({ connector, topic, partitions: found?.partitions ?? partitions, bus, listener });
    },
    async stored(connector, bus) {
      const topic = positionsTopic(connector);
      const positions = new StoredPositions(connector);
      if (!(await busInternals(bus).transport.admin.describeTopics([topic])).has(topic)) return positions.all();
      for await (const { records } of readLog(bus, [topic], `${connector}.positions.look`, { from: "earliest", outOfRange: "earliest" })) {
        for (const record of records) positions.apply(record);
      }
      return positions.all();
    },
  };
}

interface Input {
  readonly connector: string;
  readonly topic: string;
  readonly partitions: number;
  readonly bus: Bus;
  readonly listener: OwnershipListener;
}

class TopicPositions implements Positions {
  readonly settled: Promise<void>;
  private readonly slots = new Map<number, Slot>();
  private readonly preparing = new Set<Promise<void>>();
  /** Those of which a first barrier has not been read. */
  private readonly unread = new Set<Slot>();
  private readonly closing = new AbortController();
  private consumer: TransportConsumer | undefined;
  private readonly internals;
  /**
   * Only what is told from now on of splits that are done counts: a process that was here before tells it again, or ends and leaves its splits. Of two whose
   * clocks differ at most one misses what the other tells.
   */
  private readonly openedAt: number;

  constructor(private readonly input: Input) {
    this.internals = busInternals(input.bus);
    this.openedAt = this.internals.clock.now();
    this.settled = this.join(1).then(async () => {
      await Promise.all(this.preparing);
    });
    this.settled.catch(() => {});
  }

  owns(split: string): boolean {
    return this.slotOf(split)?.isReady ?? false;
  }

  isHidden(split: string): boolean {
    if (this.unread.size === 0) return false;
    const slot = this.slotOf(split);
    return slot !== undefined && this.unread.has(slot);
  }

  async load(split: string): Promise<SplitPosition | undefined> {
    const slot = this.owned(split);
    await this.readTo(slot);
    return slot.positions.get(split);
  }

  async store(split: string, position: SplitPosition): Promise<void> {
    const slot = this.owned(split);
    await this.write(slot.partition, slotRecord.position(split, position));
    slot.positions.set(split, position);
  }

  async clear(split: string): Promise<void> {
    const slot = this.owned(split);
    await this.write(slot.partition, slotRecord.cleared(split));
    slot.positions.delete(split);
  }

  record(split: string, position: SplitPosition): OutgoingRecord {
    return this.toRecord(this.partitionOf(split), slotRecord.position(split, position));
  }

  async all(): Promise<ReadonlyMap<string, SplitPosition>> {
    const ready = [...this.slots.values()].filter(({ isReady }) => isReady);
    await Promise.all(ready.map((slot) => this.readTo(slot)));
    return new Map(ready.flatMap(({ positions }) => [...positions.all()]));
  }

  async markDone(splits: readonly Split[]): Promise<void> {
    const byPartition = Map.groupBy(splits, ({ id }) => this.partitionOf(id));
    await Promise.all([...byPartition].map(([partition, done]) => this.tellDone(partition, done)));
  }

  isDone(split: Split): boolean {
    const partition = this.partitionOf(split.id);
    for (const slot of this.slots.values()) if (slot.isDone(partition, split)) return true;
    return false;
  }

  async close(): Promise<void> {
    this.closing.abort();
    for (const slot of this.slots.values()) slot.end();
    this.slots.clear();
    await this.consumer?.close();
  }

  /** Joins the group; begins anew when the consumer ends by itself. */
  private async join(failures: number): Promise<void> {
    const { topic, connector, listener } = this.input;
    const { transport, logger, clock, random = Math.random } = this.internals;
    const consumer = transport.createConsumer({ group: topic, topics: [topic], from: "earliest", outOfRange: "earliest" });
    this.consumer = consumer;
    const joinedAt = clock.now();
    const again = async (error: unknown): Promise<void> => {
      if (this.closing.signal.aborted || this.consumer !== consumer) return;
      this.consumer = undefined;
      logger.warn({ connector, error: messageOf(error), failures }, "the splits of a connector could not be shared out; it is tried again");
      await this.leave([...this.slots.values()]);
      await consumer.close().catch(() => {});
      // one that has been at work for long has not failed again and again
      const inARow = clock.now() - joinedAt > reopenBackoff.maxBackoffMs ? 1 : failures;
      await sleep(clock, backoffMs(reopenBackoff, inARow, random), this.closing.signal);
      if (!this.closing.signal.aborted) await this.join(inARow + 1);
    };
    try {
      await consumer.start({
        assigned: (partitions) => this.assigned(partitions),
        records: (batch) => this.read(batch),
        revoked: (partitions) => this.leave(this.slotsOf(partitions)),
        lost: (partitions) => void this.leave(this.slotsOf(partitions)),
        stopped: (error) => void again(error).catch(() => listener.changed()),
      });
    } catch (error) {
      if (error instanceof BusError && !error.retryable) throw error;
      await again(error);
    }
  }

  private assigned(partitions: readonly AssignedPartition[]): void {
    for (const { partition, epoch } of partitions) {
      const slot = new Slot(partition, epoch, this.input.connector, this.openedAt);
      this.slots.set(partition, slot);
      const preparing = this.prepare(slot);
      this.preparing.add(preparing);
      void preparing.finally(() => this.preparing.delete(preparing));
    }
  }

  private async prepare(slot: Slot): Promise<void> {
    try {
      this.unread.add(slot);
      const read = this.readTo(slot).finally(() => this.unread.delete(slot));
      read.catch(() => {});
      await Promise.race([read, sleep(this.internals.clock, patienceMs, this.closing.signal)]);
      slot.isReady = this.slots.get(slot.partition) === slot;
    } catch {
      // it has moved away again
    }
    this.input.listener.changed();
  }

  private read({ partition, epoch, records }: RecordBatch): void {
    const slot = this.slots.get(partition);
    if (slot?.epoch !== epoch) return;
    let isNews = false;
    for (const record of records) isNews = slot.apply(record) || isNews;
    if (isNews) this.input.listener.changed();
  }

  private async leave(slots: readonly Slot[]): Promise<void> {
    const leaving = new Set(slots.map(({ partition }) => partition));
    if (leaving.size === 0) return;
    for (const slot of slots) slot.isReady = false;
    await this.input.listener.leaving((split) => leaving.has(this.partitionOf(split)));
    for (const slot of slots) {
      slot.end();
      if (this.slots.get(slot.partition) === slot) this.slots.delete(slot.partition);
    }
    this.input.listener.changed();
  }

  /** Reads all that was written before this call. */
  private async readTo(slot: Slot): Promise<void> {
    const { clock, random = Math.random } = this.internals;
    for (let failures = 1; ; failures++) {
      const id = randomUUID();
      const seen = slot.awaits(id);
      seen.catch(() => {});
      try {
        await this.write(slot.partition, slotRecord.barrier(id));
        await seen;
        return;
      } catch (error) {
        if (this.slots.get(slot.partition) !== slot || (error instanceof BusError && !error.retryable)) throw error;
        await sleep(clock, backoffMs(reopenBackoff, failures, random), this.closing.signal);
      }
    }
  }

  private async tellDone(partition: number, splits: readonly Split[]): Promise<void> {
    const slot = this.slots.get(partition);
    if (slot === undefined || slot.hasTold(splits)) return;
    const record = slotRecord.done(partition, splits);
    const others = Array.from({ length: this.input.partitions }, (_, other) => other).filter((other) => other !== partition);
    await Promise.all(others.map((other) => this.write(other, record)));
    // its own last: by it the next owner knows that all others were told
    await this.write(partition, record);
    slot.tells(splits);
  }

  private async write(partition: number, content: { readonly key: Uint8Array; readonly value: Uint8Array | null }): Promise<void> {
    await this.internals.publisher.sendRaw(this.toRecord(partition, content));
  }

  private toRecord(partition: number, { key, value }: { readonly key: Uint8Array; readonly value: Uint8Array | null }): OutgoingRecord {
    return { topic: this.input.topic, partition, key, value, headers: {}, timestamp: this.internals.clock.now() };
  }

  private slotsOf(partitions: readonly PartitionEpoch[]): readonly Slot[] {
    return partitions.flatMap(({ partition, epoch }) => {
      const slot = this.slots.get(partition);
      return slot?.epoch === epoch ? [slot] : [];
    });
  }

  private partitionOf(split: string): number {
    return partitionForKey(new TextEncoder().encode(split), this.input.partitions);
  }

  private slotOf(split: string): Slot | undefined {
    return this.slots.get(this.partitionOf(split));
  }

  private owned(split: string): Slot {
    const slot = this.slotOf(split);
    if (slot !== undefined) return slot;
    throw new BusError("fenced", `split ${split} of ${this.input.connector} is another process's`, { retryable: true });
  }
}
