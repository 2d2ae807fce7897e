/** Which transactions a snapshot sees, from `pg_current_snapshot()`: `xmin:xmax:xip,xip…`. */
export class Visibility {
  readonly #next: bigint;
  readonly #inProgress: ReadonlySet<bigint>;

  constructor(snapshot: string) {
    const [, next = "0", inProgress = ""] = snapshot.split(":");
    this.#next = BigInt(next);
    this.#inProgress = new Set(inProgress === "" ? [] : inProgress.split(",").map(BigInt));
  }

  /** @param xid the low 32 bits of a transaction that has committed */
  sees(xid: number): boolean {
    // the nearest of all transactions with these bits
    const whole = this.#next + BigInt((xid - Number(this.#next & 0xffff_ffffn)) | 0);
    return whole < this.#next && !this.#inProgress.has(whole);
  }
}
