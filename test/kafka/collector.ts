import type { AssignedPartition, BusError, ConsumerListener, IncomingRecord, PartitionEpoch, RecordBatch } from "@org/bus-core";
import { vi } from "vitest";

/** A listener that keeps what it is told. */
export class Collector implements ConsumerListener {
  readonly received: IncomingRecord[] = [];
  owned: readonly AssignedPartition[] = [];
  assignments = 0;
  losses = 0;
  error: BusError | undefined;
  readonly #onRecords: (batch: RecordBatch) => void;

  constructor(onRecords: (batch: RecordBatch) => void = () => {}) {
    this.#onRecords = onRecords;
  }

  get values(): string[] {
    return this.received.map(({ value }) => Buffer.from(value ?? []).toString());
  }

  assigned(partitions: readonly AssignedPartition[]): void {
    this.owned = [...this.owned, ...partitions];
    this.assignments++;
  }

  records(batch: RecordBatch): void {
    this.received.push(...batch.records);
    this.#onRecords(batch);
  }

  async revoked(partitions: readonly PartitionEpoch[]): Promise<void> {
    this.#giveUp(partitions);
  }

  lost(partitions: readonly PartitionEpoch[]): void {
    this.#giveUp(partitions);
    this.losses++;
  }

  stopped(error: BusError): void {
    this.error = error;
  }

  /** Resolves when `holds` of it. */
  async until(holds: (collector: Collector) => boolean, timeout = 20_000): Promise<void> {
    await vi.waitUntil(() => holds(this), { timeout, interval: 5 });
  }

  #giveUp(partitions: readonly PartitionEpoch[]): void {
    this.owned = this.owned.filter((owned) => !partitions.some(({ partition, epoch }) => partition === owned.partition && epoch === owned.epoch));
  }
}
