import type { OwnedPartition } from "../ownership/owned-partition.js";
import type { RecordBatch } from "../transport.js";
import { faultError, type MemoryFaults } from "./faults.js";
import type { Network } from "./network.js";
import type { PartitionLog } from "./partition-log.js";

const retryBackoffMs = 100;

/** A partition that is read. */
interface Reading {
  readonly owned: OwnedPartition;
  readonly log: PartitionLog;
  /** A fetch is under way; there is one at a time, so batches stay in order. */
  busy: boolean;
  stopped: boolean;
  stopWatching: () => void;
}

export interface FetcherOptions {
  readonly group: string;
  readonly logOf: (partition: OwnedPartition) => PartitionLog | undefined;
  readonly maxBatchRecords: number;
  readonly network: Network;
  readonly faults: MemoryFaults;
  readonly onBatch: (batch: RecordBatch) => void;
  /** What is to be read next is not in the log any more. */
  readonly onOutOfRange: (partition: OwnedPartition) => void;
  /** The consumer cannot go on. */
  readonly onError: (error: unknown) => void;
}

/** Pushes the records of what is owned, as soon as they are in the log and nothing is paused. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #readings = new Map<OwnedPartition, Reading>();

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /** Takes up a change of what is owned, or paused. */
  follow(partitions: readonly OwnedPartition[]): void {
    for (const owned of partitions) {
      const reading = this.#readings.get(owned);
      if (owned.state !== "reading") this.#stop(reading);
      else if (reading === undefined) this.#start(owned);
      else this.#fetchIfReady(reading);
    }
  }

  /** Nothing is delivered after this. */
  stop(): void {
    for (const reading of this.#readings.values()) this.#stop(reading);
  }

  #start(owned: OwnedPartition): void {
    const log = this.#options.logOf(owned);
    // a topic that was deleted meanwhile
    if (log === undefined) return;
    const reading: Reading = { owned, log, busy: false, stopped: false, stopWatching: () => {} };
    reading.stopWatching = log.watch(() => this.#fetchIfReady(reading));
    this.#readings.set(owned, reading);
    this.#fetchIfReady(reading);
  }

  #stop(reading: Reading | undefined): void {
    if (reading === undefined) return;
    reading.stopped = true;
    reading.stopWatching();
    this.#readings.delete(reading.owned);
  }

  #fetchIfReady(reading: Reading): void {
    const { topic, partition, next: position = 0, isFetched } = reading.owned;
    if (reading.stopped || reading.busy || !isFetched || position >= reading.log.stableEnd) return;
    reading.busy = true;
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
    const { owned, log } = reading;
    const { topic, partition, epoch, next: position = 0 } = owned;
    if (!owned.isFetched) {
      this.#finish(reading);
      return;
    }
    if (position < log.logStart) {
      this.#options.onOutOfRange(owned);
      return;
    }
    const records = log.read(position, this.#options.maxBatchRecords);
    const batch: RecordBatch = { topic, partition, epoch, records, logEnd: log.logEnd };
    owned.next = (batch.records.at(-1)?.offset ?? log.stableEnd - 1) + 1;
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
    this.#fetchIfReady(reading);
  }
}
