import { startPosition } from "../start-position.js";
import type { AssignedPartition, OutOfRangePolicy, PartitionEpoch, RecordBatch } from "../transport.js";
import { faultError, type MemoryFaults } from "./faults.js";
import type { Network } from "./network.js";
import type { PartitionLog } from "./partition-log.js";

const retryBackoffMs = 100;

/** A partition that is read from its position on. */
interface Reading extends PartitionEpoch {
  readonly log: PartitionLog;
  position: number;
  paused: boolean;
  /** A fetch is under way; there is one at a time, so batches stay in order. */
  busy: boolean;
  stopped: boolean;
  stopWatching: () => void;
}

export interface FetcherOptions {
  readonly group: string;
  readonly outOfRange: OutOfRangePolicy;
  readonly maxBatchRecords: number;
  readonly network: Network;
  readonly faults: MemoryFaults;
  readonly onBatch: (batch: RecordBatch) => void;
  /** The consumer cannot go on. */
  readonly onError: (error: unknown) => void;
}

/** Pushes the records of the assigned partitions, as soon as they are in the log and nothing is paused. */
export class Fetcher {
  readonly #options: FetcherOptions;
  #readings: Reading[] = [];
  #open = false;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /** Takes an assignment over. It can be paused at once; reading begins with `open`. */
  assign(partitions: readonly { readonly assigned: AssignedPartition; readonly log: PartitionLog }[]): void {
    this.#readings = partitions.map(({ assigned: { topic, partition, epoch, position }, log }) => {
      const reading: Reading = { topic, partition, epoch, log, position, paused: false, busy: false, stopped: false, stopWatching: () => {} };
      reading.stopWatching = log.watch(() => this.#fetchIfReady(reading));
      return reading;
    });
  }

  open(): void {
    this.#open = true;
    for (const reading of this.#readings) this.#fetchIfReady(reading);
  }

  /** Nothing of the assignment is delivered after this. */
  stop(): void {
    this.#open = false;
    for (const reading of this.#readings) {
      reading.stopped = true;
      reading.stopWatching();
    }
    this.#readings = [];
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    for (const { topic, partition, epoch } of partitions) {
      const reading = this.#find(topic, partition, epoch);
      if (reading !== undefined) reading.paused = true;
    }
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    for (const { topic, partition, epoch } of partitions) {
      const reading = this.#find(topic, partition, epoch);
      if (reading === undefined) continue;
      reading.paused = false;
      this.#fetchIfReady(reading);
    }
  }

  position({ topic, partition, epoch }: PartitionEpoch): number | undefined {
    return this.#find(topic, partition, epoch)?.position;
  }

  #find(topic: string, partition: number, epoch: number): Reading | undefined {
    return this.#readings.find((reading) => reading.partition === partition && reading.topic === topic && reading.epoch === epoch);
  }

  #fetchIfReady(reading: Reading): void {
    if (!this.#open || reading.busy || reading.paused || reading.position >= reading.log.stableEnd) return;
    reading.busy = true;
    const { topic, partition, position } = reading;
    const fault = this.#options.faults.fetch?.({ topic, partition, position, group: this.#options.group });
    if (fault?.fail === undefined) {
      this.#options.network.deliver(() => this.#arrive(reading), fault?.delayMs);
      return;
    }
    const error = faultError(fault, "fetch", "transport_failed");
    if (!error.retryable) this.#options.network.deliver(() => this.#options.onError(error), fault.delayMs);
    else this.#options.network.deliver(() => this.#finish(reading), (fault.delayMs ?? 0) + retryBackoffMs);
  }

  /** The fetch has reached the broker; its records go back, where the network has latency they take their time. */
  #arrive(reading: Reading): void {
    if (reading.stopped) return;
    if (reading.paused) {
      this.#finish(reading);
      return;
    }
    try {
      this.#checkRange(reading);
    } catch (error) {
      this.#options.onError(error);
      return;
    }
    const { topic, partition, epoch, log } = reading;
    const records = log.read(reading.position, this.#options.maxBatchRecords);
    const batch: RecordBatch = { topic, partition, epoch, records, logEnd: log.logEnd };
    reading.position = (batch.records.at(-1)?.offset ?? log.stableEnd - 1) + 1;
    const handOver = () => {
      if (reading.stopped) return;
      if (batch.records.length > 0) this.#options.onBatch(batch);
      this.#finish(reading);
    };
    if (this.#options.network.hasLatency) this.#options.network.deliver(handOver);
    else handOver();
  }

  #finish(reading: Reading): void {
    reading.busy = false;
    if (!reading.stopped) this.#fetchIfReady(reading);
  }

  #checkRange(reading: Reading): void {
    const { topic, partition, position, log } = reading;
    const { group, outOfRange } = this.#options;
    if (position >= log.logStart) return;
    reading.position = startPosition({
      topic,
      partition,
      group,
      committed: { offset: position, metadata: "" },
      logStart: log.logStart,
      logEnd: log.logEnd,
      from: "earliest",
      outOfRange,
    });
  }
}
