import { CompletedOffsets } from "./completed-offsets.js";

const none = new CompletedOffsets([]);

/**
 * What has been received of one partition in one assignment, and what of it is settled. Offsets may have gaps (compaction, control records), so
 * contiguity is over *received* offsets. A ring: every call is O(1), amortised.
 *
 * It holds no deliveries, so that one that nobody holds any more can be noticed.
 */
export class Ledger {
  private offsets = new Float64Array(64);
  private sizes = new Float64Array(64);
  private timestamps = new Float64Array(64);
  private settled = new Uint8Array(64);
  /** Slots are numbered from 0 and never reused; `head` is the oldest pending one, `tail` the next to give out. */
  private head = 0;
  private tail = 0;
  private nextOffset: number;
  /** Received and not settled. */
  unsettled = 0;
  /** Bytes of what is received and not settled. */
  unsettledBytes = 0;
  /** Grows with everything that is settled. */
  changes = 0;

  /** @param completed what is settled already, of what will be received */
  constructor(
    startOffset: number,
    private readonly completed = none,
  ) {
    this.nextOffset = startOffset;
  }

  /** The offset to commit: everything received below it is settled. */
  get frontier(): number {
    return this.head === this.tail ? this.nextOffset : this.at(this.head);
  }

  /** Offsets from the frontier to the newest received one. */
  get span(): number {
    return this.nextOffset - this.frontier;
  }

  /** When the record at the frontier was published, in ms since the epoch; undefined when everything received is settled. */
  get headTimestamp(): number | undefined {
    return this.head === this.tail ? undefined : this.timestamps[this.head & (this.offsets.length - 1)];
  }

  /** The slot that holds up the frontier; undefined when everything received is settled. */
  get headSlot(): number | undefined {
    return this.head === this.tail ? undefined : this.head;
  }

  /**
   * What is settled from the frontier on: first offset of a run, the offset after its last, first of the next …; ascending. Offsets that were not
   * received count as the one before them: they were not in the log then and never will be.
   */
  settledBounds(): readonly number[] {
    const bounds: number[] = [];
    let inside = false;
    for (let slot = this.head; slot < this.tail; slot++) {
      const now = this.isSettled(slot);
      if (now !== inside) bounds.push(this.at(slot));
      inside = now;
    }
    const [first, ...rest] = this.completed.from(this.nextOffset);
    if (first === undefined) return inside ? [...bounds, this.nextOffset] : bounds;
    if (inside && first === this.nextOffset) return [...bounds, ...rest];
    if (inside) bounds.push(this.nextOffset);
    return [...bounds, first, ...rest];
  }

  /**
   * Enters an offset: pending, unless it was settled by an earlier assignment. Returns the slot by which it is settled, or -1 when the offset was
   * received before.
   */
  receive(offset: number, bytes: number, timestamp = 0): number {
    if (offset < this.nextOffset) return -1;
    if (this.tail - this.head === this.offsets.length) this.grow();
    const slot = this.tail++;
    const index = slot & (this.offsets.length - 1);
    this.offsets[index] = offset;
    this.sizes[index] = bytes;
    this.timestamps[index] = timestamp;
    this.settled[index] = 0;
    this.nextOffset = offset + 1;
    this.unsettled++;
    this.unsettledBytes += bytes;
    if (this.completed.has(offset)) this.settle(slot);
    return slot;
  }

  /** Returns false when the slot was settled before. */
  settle(slot: number): boolean {
    if (this.isSettled(slot)) return false;
    const mask = this.offsets.length - 1;
    this.settled[slot & mask] = 1;
    this.changes++;
    this.unsettled--;
    this.unsettledBytes -= this.sizes[slot & mask] as number;
    while (this.head < this.tail && this.settled[this.head & mask] === 1) this.head++;
    return true;
  }

  isSettled(slot: number): boolean {
    return slot < this.head || this.settled[slot & (this.offsets.length - 1)] === 1;
  }

  private at(slot: number): number {
    return this.offsets[slot & (this.offsets.length - 1)] as number;
  }

  private grow(): void {
    const { offsets, sizes, timestamps, settled } = this;
    const mask = offsets.length - 1;
    const capacity = offsets.length * 2;
    this.offsets = new Float64Array(capacity);
    this.sizes = new Float64Array(capacity);
    this.timestamps = new Float64Array(capacity);
    this.settled = new Uint8Array(capacity);
    for (let slot = this.head; slot < this.tail; slot++) {
      const to = slot & (capacity - 1);
      this.offsets[to] = offsets[slot & mask] as number;
      this.sizes[to] = sizes[slot & mask] as number;
      this.timestamps[to] = timestamps[slot & mask] as number;
      this.settled[to] = settled[slot & mask] as number;
    }
  }
}
