import type { HeaderValue, IncomingRecord, OutgoingRecord, RecordHeaders } from "../record.js";
import { ByteStore } from "./byte-store.js";

/** Whether what a transaction wrote is to be seen: not yet, for good, or never. */
export interface WrittenBy {
  readonly state: "open" | "committed" | "aborted";
}

/** The records of one partition, in the order of their offsets. Appending and reading cost the same at any length. */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly #bytes = new ByteStore();
  #records: IncomingRecord[] = [];
  /** Index of the first record that was not deleted: deleting moves it and frees memory only now and then. */
  #head = 0;
  #logStart = 0;
  #logEnd = 0;
  /** By the offset of a record; those without a transaction are committed at once. */
  readonly #transactions = new Map<number, WrittenBy>();
  /** The first offset of each open transaction, in their order. */
  readonly #open = new Map<WrittenBy, number>();
  readonly #waiters = new Set<() => void>();

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** First offset in the log. */
  get logStart(): number {
    return this.#logStart;
  }

  /** The offset that the next record gets. */
  get logEnd(): number {
    return this.#logEnd;
  }

  /** The last stable offset: everything below it is committed or aborted. */
  get stableEnd(): number {
    for (const first of this.#open.values()) return first;
    return this.#logEnd;
  }

  /** Writes a copy of `record`, as a network would, and wakes who waits. Returns its offset. */
  append(record: OutgoingRecord, transaction?: WrittenBy): number {
    const offset = this.#logEnd++;
    if (transaction !== undefined) {
      this.#transactions.set(offset, transaction);
      if (!this.#open.has(transaction)) this.#open.set(transaction, offset);
    }
    this.#records.push({
      topic: this.topic,
      partition: this.partition,
      offset,
      key: record.key && this.#bytes.copy(record.key),
      value: record.value && this.#bytes.copy(record.value),
      headers: copyHeaders(record.headers, this.#bytes),
      timestamp: record.timestamp,
    });
    for (const wake of this.#waiters) wake();
    return offset;
  }

  /** What `transaction` wrote here is decided; the marker that says so takes an offset. Without effect where it wrote nothing. */
  mark(transaction: WrittenBy): void {
    if (this.#open.delete(transaction)) this.skipOffsets(1);
  }

  /** Up to `limit` committed records from the first one at or after `offset`, below the last stable offset. */
  read(offset: number, limit: number): IncomingRecord[] {
    const records: IncomingRecord[] = [];
    const end = this.stableEnd;
    for (let index = this.#indexOf(offset); records.length < limit; index++) {
      const record = this.#records[index];
      if (record === undefined || record.offset >= end) break;
      if (this.#transactions.get(record.offset)?.state !== "aborted") records.push(record);
    }
    return records;
  }

  /** The first offset whose record has a timestamp of at least `timestamp`; timestamps need not be in order. */
  offsetAt(timestamp: number): number | undefined {
    for (let index = this.#head; index < this.#records.length; index++) {
      const record = this.#records[index];
      if (record !== undefined && record.timestamp >= timestamp) return record.offset;
    }
    return undefined;
  }

  /** Deletes what lies below `offset`, which becomes the start of the log. */
  deleteBefore(offset: number): void {
    const start = Math.min(offset, this.#logEnd);
    if (start <= this.#logStart) return;
    this.#head = this.#indexOf(start);
    this.#logStart = start;
    for (const deleted of this.#transactions.keys()) if (deleted < start) this.#transactions.delete(deleted);
    if (this.#head > this.#records.length / 2) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    for (const wake of this.#waiters) wake();
  }

  /** Uses up `count` offsets without a record, as control records and compaction do. */
  skipOffsets(count: number): void {
    this.#logEnd += count;
    for (const wake of this.#waiters) wake();
  }

  /** Calls `wake` whenever the log changes, until the returned function is called. */
  watch(wake: () => void): () => void {
    this.#waiters.add(wake);
    return () => this.#waiters.delete(wake);
  }

  #indexOf(offset: number): number {
    let low = this.#head;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#records[middle]?.offset ?? Number.POSITIVE_INFINITY) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function copyHeaders(headers: RecordHeaders, store: ByteStore): RecordHeaders {
  const copy: Record<string, HeaderValue> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) copy[name] = value instanceof Uint8Array ? store.copy(value) : value.map((each) => store.copy(each));
  }
  return copy;
}
