import { type Lane, offsetOfName } from "./lane.js";
import type { FinishedPart } from "./part-store.js";

/** Where a part ends. */
export interface PartEnd extends FinishedPart {
  readonly lastOffset: number;
  /** Records of the last offset that are in the part. */
  readonly ofLastOffset: number;
}

/** More than there are between a stored position and the last flush. */
const maxEnds = 100;

/** Where the last parts of a lane end: of the flushes whose positions may not be stored yet, also those before a crash. */
export class PartEnds {
  #ends: readonly PartEnd[];
  #hasNew = false;

  /**
   * @param note what was noted last
   * @param found the parts that are there
   */
  constructor(note: string | undefined, found: readonly FinishedPart[]) {
    // written by this class
    const noted = note === undefined ? [] : (JSON.parse(note) as readonly PartEnd[]);
    this.#ends = noted.filter(({ name, version }) => found.some((other) => other.name === name && other.version === version));
  }

  add(end: PartEnd): void {
    this.#ends = [...this.#ends.filter(({ name }) => name !== end.name), end].slice(-maxEnds);
    this.#hasNew = true;
  }

  /** What to note; undefined where nothing is new. */
  take(): string | undefined {
    if (!this.#hasNew) return undefined;
    this.#hasNew = false;
    return JSON.stringify(this.#ends);
  }

  /**
   * What is written of the records from `from` on. After a flush, the position may have been stored up to somewhere within a part. What is read again from there
   * on, and is in this part, is in none of those that will be repeated: it is to be left out.
   */
  writtenFrom(lane: Lane, from: number): Written | undefined {
    const part = this.#ends.find(({ name, lastOffset }) => (offsetOfName(lane, name) ?? from) < from && from <= lastOffset);
    return part === undefined ? undefined : new Written(part);
  }
}

/** Counts off the records that are in a part already. */
export class Written {
  readonly #lastOffset: number;
  #ofLastOffset: number;

  constructor({ lastOffset, ofLastOffset }: PartEnd) {
    this.#lastOffset = lastOffset;
    this.#ofLastOffset = ofLastOffset;
  }

  /** Whether the next record, of this offset, is there. */
  has(offset: number): boolean {
    if (offset !== this.#lastOffset) return offset < this.#lastOffset;
    this.#ofLastOffset -= 1;
    return this.#ofLastOffset >= 0;
  }
}
