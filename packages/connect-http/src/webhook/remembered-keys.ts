/** Keys that were done with not long ago, and those that are under way. */
export class RememberedKeys {
  readonly #forMs: number;
  readonly #max: number;
  /** By key, oldest first: until when. */
  readonly #done = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(forMs: number, max: number) {
    this.#forMs = forMs;
    this.#max = max;
  }

  /** Whether the key was done with. */
  has(key: string, nowMs: number): boolean {
    return (this.#done.get(key) ?? 0) > nowMs;
  }

  /** What becomes of the same key, which came before and is under way: whether it was written. */
  underWay(key: string): Promise<boolean> | undefined {
    return this.#underWay.get(key);
  }

  /** The key is under way until `outcome` says whether it was written. */
  begin(key: string, outcome: Promise<boolean>, now: () => number): void {
    this.#underWay.set(key, outcome);
    void outcome.then((isWritten) => {
      this.#underWay.delete(key);
      if (isWritten) this.#remember(key, now());
    });
  }

  get size(): number {
    return this.#done.size;
  }

  #remember(key: string, nowMs: number): void {
    this.#done.delete(key);
    this.#done.set(key, nowMs + this.#forMs);
    for (const [oldest, until] of this.#done) {
      if (this.#done.size <= this.#max && until > nowMs) break;
      this.#done.delete(oldest);
    }
  }
}
