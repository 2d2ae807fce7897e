import type { BusError, OutgoingRecord, SendOutcome, TopicPartition } from "@org/bus-core";
import type { ProducerIdentity } from "./producer-identity.js";

/** Below the brokers' default limit of 1 MiB for a batch. */
const MOST_BATCH_BYTES = 900_000;
/** What a record costs beside its key and value, about. */
const RECORD_BYTES = 80;

interface Entry {
  readonly record: OutgoingRecord;
  /** In the call of `send`. */
  readonly index: number;
}

/** What is left to send to one partition, in order, and what came of the rest. Batches go one after the other, each written whole or not at all. */
export class PartitionQueue implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #outcomes: SendOutcome[];
  readonly #batches: Entry[][] = [];
  #openBytes = MOST_BATCH_BYTES;
  /** Under which the first batch has been sent, and is sent again. */
  identity: ProducerIdentity | undefined;
  /** Whether the first batch may be in the log: a request with it was not answered, or not clearly. */
  inDoubt = false;
  /** When the topic was first found missing, in ms. */
  missingSince: number | undefined;

  constructor({ topic, partition }: TopicPartition, outcomes: SendOutcome[]) {
    this.topic = topic;
    this.partition = partition;
    this.#outcomes = outcomes;
  }

  add(record: OutgoingRecord, index: number): void {
    const bytes = sizeOf(record);
    const open = this.#batches.at(-1);
    if (open === undefined || this.#openBytes + bytes > MOST_BATCH_BYTES) {
      this.#batches.push([{ record, index }]);
      this.#openBytes = bytes;
      return;
    }
    open.push({ record, index });
    this.#openBytes += bytes;
  }

  get empty(): boolean {
    return this.#batches.length === 0;
  }

  /** The records of the first batch. */
  get records(): readonly OutgoingRecord[] {
    return this.#first.map(({ record }) => record);
  }

  /** Of the first batch, about. */
  get bytes(): number {
    return this.#first.reduce((sum, { record }) => sum + sizeOf(record), 0);
  }

  acknowledged(baseOffset: number): void {
    this.#first.forEach(({ index }, position) => {
      this.#outcomes[index] = { ok: true, offset: baseOffset + position };
    });
    this.identity?.advance(this, this.#first.length);
    this.#batches.shift();
    this.#reset();
  }

  failed(error: BusError): void {
    for (const { index } of this.#first) this.#outcomes[index] = { ok: false, error };
    this.#batches.shift();
    this.#reset();
  }

  /** Some records of the first batch fail, and it is sent without them. By their positions in the batch. */
  exclude(errors: ReadonlyMap<number, BusError>): void {
    const rest = this.#first.filter(({ index }, position) => {
      const error = errors.get(position);
      if (error !== undefined) this.#outcomes[index] = { ok: false, error };
      return error === undefined;
    });
    this.#batches.splice(0, 1, ...(rest.length === 0 ? [] : [rest]));
    this.#reset();
  }

  /** Halves the first batch; false when it is a single record. */
  split(): boolean {
    const first = this.#first;
    if (first.length < 2) return false;
    const middle = first.length >> 1;
    this.#batches.splice(0, 1, first.slice(0, middle), first.slice(middle));
    this.#reset();
    return true;
  }

  get #first(): readonly Entry[] {
    return this.#batches[0] ?? [];
  }

  #reset(): void {
    this.identity = undefined;
    this.inDoubt = false;
    this.missingSince = undefined;
  }
}

function sizeOf({ key, value }: OutgoingRecord): number {
  return RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
}
