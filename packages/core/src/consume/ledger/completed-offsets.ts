/**
 * Offsets that an earlier assignment has settled, told by its last commit: sorted runs. Asked in ascending order, each question costs the same
 * whatever there is.
 */
export class CompletedOffsets {
  private cursor = 0;

  /** @param bounds first offset of a run, the offset after its last, first of the next …; ascending */
  constructor(private readonly bounds: ArrayLike<number>) {}

  /** Whether `offset` is one of them. No offset may be smaller than one that was asked for before. */
  has(offset: number): boolean {
    while (this.cursor < this.bounds.length && offset >= (this.bounds[this.cursor] as number)) this.cursor++;
    // odd: inside a run
    return this.cursor % 2 === 1;
  }

  /** The runs from `offset` on, in the form of the constructor. Nothing below `offset` may be asked for any more. */
  from(offset: number): number[] {
    const inside = this.has(offset);
    const rest = Array.from(this.bounds).slice(this.cursor);
    return inside ? [offset, ...rest] : rest;
  }
}
