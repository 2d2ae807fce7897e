import type { BusError, OutgoingRecord, SendOutcome } from "@org/bus-core";
import { RecordMessage } from "../wire/produce-request.js";

/** Below the brokers' default limit of 1 MiB for a batch. */
const MOST_BATCH_BYTES = 900_000;
/** kafkajs copies the messages of a partition for each of them: more at once cost more each. */
const MOST_BATCH_RECORDS = 500;
/** What a record costs beside its key and value, about. */
const RECORD_BYTES = 80;

/** Consecutive records of one partition, to be written by one request: all or none. */
interface Batch {
  readonly indexes: number[];
  readonly messages: RecordMessage[];
}

/** What is left to send to one partition, in order, and what came of the rest. */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly #outcomes: SendOutcome[];
  readonly #batches: Batch[] = [];
  #openBytes = MOST_BATCH_BYTES;
  /** Its next request goes alone, so that an answer is about it. */
  alone = false;
  /** A request with the first batch was not answered: it may be in the log, and stays in doubt until a repetition is acknowledged. */
  unanswered = false;
  /** A request with the first batch and those of other partitions failed; which of them were written, the answer did not tell. */
  unclear = false;
  /** When the topic was first found missing, in ms. */
  missingSince: number | undefined;

  constructor(topic: string, partition: number, outcomes: SendOutcome[]) {
    this.topic = topic;
    this.partition = partition;
    this.#outcomes = outcomes;
  }

  add(record: OutgoingRecord, index: number): void {
    const bytes = RECORD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
    const open = this.#batches.at(-1);
    if (open === undefined || open.indexes.length >= MOST_BATCH_RECORDS || this.#openBytes + bytes > MOST_BATCH_BYTES) {
      this.#batches.push({ indexes: [index], messages: [new RecordMessage(record)] });
      this.#openBytes = bytes;
      return;
    }
    open.indexes.push(index);
    open.messages.push(new RecordMessage(record));
    this.#openBytes += bytes;
  }

  get empty(): boolean {
    return this.#batches.length === 0;
  }

  get inDoubt(): boolean {
    return this.unanswered || this.unclear;
  }

  /** What the next request writes. */
  get messages(): RecordMessage[] {
    return this.#batches[0]?.messages ?? [];
  }

  acknowledged(baseOffset: number): void {
    this.#batches[0]?.indexes.forEach((index, position) => {
      this.#outcomes[index] = { ok: true, offset: baseOffset + position };
    });
    this.#next();
  }

  failed(error: BusError): void {
    for (const index of this.#batches[0]?.indexes ?? []) this.#outcomes[index] = { ok: false, error };
    this.#next();
  }

  /** Halves the first batch; false when it is a single record. */
  split(): boolean {
    const first = this.#batches[0];
    if (first === undefined || first.indexes.length < 2) return false;
    const middle = first.indexes.length >> 1;
    const part = (from: number, to?: number): Batch => ({ indexes: first.indexes.slice(from, to), messages: first.messages.slice(from, to) });
    this.#batches.splice(0, 1, part(0, middle), part(middle));
    return true;
  }

  #next(): void {
    this.#batches.shift();
    this.alone = false;
    this.unanswered = false;
    this.unclear = false;
    this.missingSince = undefined;
  }
}
