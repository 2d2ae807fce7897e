import type { PendingRecord } from "./pending-record.js";

/** What is moved down at once when the front of the array has become empty. */
const COMPACT_AT = 4_096;

/** First in, first out. Records that were settled while they waited are passed over. */
export class PendingQueue {
  #items: (PendingRecord | undefined)[] = [];
  #head = 0;

  /** The next record that still waits. */
  peek(): PendingRecord | undefined {
    while (this.#head < this.#items.length) {
      const next = this.#items[this.#head];
      if (next !== undefined && next.phase !== "settled") return next;
      this.#drop();
    }
    return undefined;
  }

  push(pending: PendingRecord): void {
    this.#items.push(pending);
  }

  /** Takes away what `peek` has shown. */
  shift(): void {
    this.#drop();
  }

  /** Puts records that could not be sent back where they were: before all others, in order. */
  putBack(records: readonly PendingRecord[]): void {
    this.#items = [...records, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }

  /** Settled ones included. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  *[Symbol.iterator](): Generator<PendingRecord> {
    for (let i = this.#head; i < this.#items.length; i++) {
      const item = this.#items[i];
      if (item !== undefined && item.phase !== "settled") yield item;
    }
  }

  #drop(): void {
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_AT && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}
