/**
 * Compares what a consumer sees with what was published, by the ids alone: nothing here is told by the bus. A message that comes again
 * is a duplicate; one that comes for the first time after a later one of its key is out of order.
 */
export class SequenceCheck {
  readonly #positions: ReadonlyMap<string, number>;
  readonly #seen = new Set<string>();
  readonly #lastPositions = new Map<string, number>();
  #duplicates = 0;
  #violations = 0;

  /** @param ids in the order in which they are published */
  constructor(ids: readonly string[]) {
    this.#positions = new Map(ids.map((id, position) => [id, position]));
  }

  get seen(): number {
    return this.#seen.size;
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  get violations(): number {
    return this.#violations;
  }

  /** Whether `id` comes for the first time. */
  see(id: string, key: string): boolean {
    if (this.#seen.has(id)) {
      this.#duplicates += 1;
      return false;
    }
    this.#seen.add(id);
    const position = this.#positions.get(id) ?? -1; // an id that was never published is out of any order
    if (position < (this.#lastPositions.get(key) ?? 0)) this.#violations += 1;
    this.#lastPositions.set(key, position);
    return true;
  }
}
