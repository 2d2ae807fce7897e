import { BusError } from "../../errors.js";
import type { OutgoingRecord } from "../record.js";
import type { SendOutcome, TransportProducer } from "../transport.js";
import type { MemoryBroker } from "./broker.js";
import type { MemoryFaults } from "./faults.js";
import { logFor } from "./log-for.js";
import type { MemoryConnection, Network } from "./network.js";
import type { PartitionLog } from "./partition-log.js";

interface PartitionBatch {
  readonly log: PartitionLog;
  readonly records: OutgoingRecord[];
  /** Where each record stands in the send. */
  readonly indexes: number[];
}

/** Writes to the logs of a broker in memory. */
export class MemoryProducer implements TransportProducer {
  readonly #broker: MemoryBroker;
  readonly #network: Network;
  readonly #faults: MemoryFaults;
  readonly #onClosed: () => void;
  #sending: Promise<unknown> | undefined;
  #closed = false;

  constructor({ broker, network, faults }: MemoryConnection, onClosed: () => void) {
    this.#broker = broker;
    this.#network = network;
    this.#faults = faults;
    this.#onClosed = onClosed;
  }

  async send(records: readonly OutgoingRecord[], options: { readonly timeoutMs: number }): Promise<readonly SendOutcome[]> {
    if (this.#closed) throw new BusError("closed", "the producer is closed");
    if (this.#sending !== undefined) throw new BusError("publish_failed", "send was called while another one was out: wait until it has resolved");
    const sending = this.#sendAll(records, options.timeoutMs);
    this.#sending = sending;
    try {
      return await sending;
    } finally {
      this.#sending = undefined;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sending;
    this.#onClosed();
  }

  async #sendAll(records: readonly OutgoingRecord[], timeoutMs: number): Promise<readonly SendOutcome[]> {
    const outcomes = new Array<SendOutcome>(records.length);
    const batches = new Map<PartitionLog, PartitionBatch>();
    for (const [index, record] of records.entries()) {
      let log: PartitionLog;
      try {
        log = logFor(this.#broker, record);
      } catch (error) {
        outcomes[index] = { ok: false, error: BusError.from(error, "publish_failed") };
        continue;
      }
      let batch = batches.get(log);
      if (batch === undefined) {
        batch = { log, records: [], indexes: [] };
        batches.set(log, batch);
      }
      batch.records.push(record);
      batch.indexes.push(index);
    }
    const waits = [...batches.values()].map((batch) => this.#sendBatch(batch, timeoutMs, outcomes));
    await (waits.length === 0 ? this.#network.travel() : Promise.all(waits));
    return outcomes;
  }

  async #sendBatch({ log, records, indexes }: PartitionBatch, timeoutMs: number, outcomes: SendOutcome[]): Promise<void> {
    const { topic, partition } = log;
    const fault = this.#faults.send?.({ topic, partition, records });
    try {
      if (fault?.delayMs !== undefined && fault.delayMs > timeoutMs) {
        await this.#network.travel(timeoutMs);
        throw new BusError("publish_failed", `${topic}[${partition}] did not answer within timeoutMs ${timeoutMs}`, {
          retryable: true,
          mayHaveBeenWritten: true,
        });
      }
      const offsets = await this.#network.call("send", "publish_failed", fault, () => records.map((record) => log.append(record)));
      for (const [at, index] of indexes.entries()) outcomes[index] = { ok: true, offset: offsets[at] ?? -1 };
    } catch (error) {
      const failure: SendOutcome = { ok: false, error: BusError.from(error, "publish_failed") };
      for (const index of indexes) outcomes[index] = failure;
    }
  }
}
