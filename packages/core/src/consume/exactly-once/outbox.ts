import type { OutgoingRecord } from "../../transport/record.js";

/** What came of one settled message. */
export interface OutboxEntry {
  readonly offset: number;
  readonly records: readonly OutgoingRecord[];
}

/** What the settled messages of a partition publish, in the order in which they were settled, until it is committed. */
export class Outbox {
  private entries: OutboxEntry[] = [];
  /** Records that wait, and their bytes. */
  count = 0;
  bytes = 0;

  add(entry: OutboxEntry): void {
    if (entry.records.length === 0) return;
    this.entries.push(entry);
    this.count += entry.records.length;
    this.bytes += bytesOf(entry);
  }

  /** What waits of messages below `offset`. It stays until it is removed. */
  below(offset: number): readonly OutboxEntry[] {
    return this.entries.filter((entry) => entry.offset < offset);
  }

  remove(committed: readonly OutboxEntry[]): void {
    const gone = new Set(committed);
    this.entries = this.entries.filter((entry) => !gone.has(entry));
    for (const entry of gone) {
      this.count -= entry.records.length;
      this.bytes -= bytesOf(entry);
    }
  }
}

function bytesOf({ records }: OutboxEntry): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  return bytes;
}
