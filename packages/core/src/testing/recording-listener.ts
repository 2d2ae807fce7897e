import type { IncomingRecord } from "../transport/record.js";
import type { AssignedPartition, ConsumerListener, PartitionEpoch, RecordBatch } from "../transport/transport.js";

const name = (partitions: readonly PartitionEpoch[]): string =>
  partitions.map(({ topic, partition, epoch }) => `${topic}[${partition}]@${epoch}`).join(" ");

/** A consumer's listener that notes every call. */
export class RecordingListener implements ConsumerListener {
  /** `assigned t[0]@1 t[1]@1`, `revoked t[0]@1`, … without the records. */
  readonly calls: string[] = [];
  readonly received: IncomingRecord[] = [];
  /** Awaited by `revoked`. */
  onRevoked: (partitions: readonly PartitionEpoch[]) => Promise<void> = async () => {};
  #waiting: (() => void)[] = [];

  /** The values received, as text. */
  get values(): string[] {
    return this.received.map(({ value }) => new TextDecoder().decode(value ?? undefined));
  }

  /** Resolves when `holds`, asked again after every call. */
  async until(holds: (listener: this) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  assigned(partitions: readonly AssignedPartition[]): void {
    this.#note(`assigned ${name(partitions)}`);
  }

  records(batch: RecordBatch): void {
    for (const record of batch.records) this.received.push(record);
    this.#wake();
  }

  async revoked(partitions: readonly PartitionEpoch[]): Promise<void> {
    this.#note(`revoked ${name(partitions)}`);
    await this.onRevoked(partitions);
  }

  lost(partitions: readonly PartitionEpoch[]): void {
    this.#note(`lost ${name(partitions)}`);
  }

  stopped(error: Error): void {
    this.#note(`stopped ${error.message}`);
  }

  #note(call: string): void {
    this.calls.push(call);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
