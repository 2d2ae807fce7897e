/** Wakes those who wait, and nobody who comes later. */
export class Wakeup {
  #next = Promise.withResolvers<void>();

  /** Resolves with the next call of `wake`. */
  wait(): Promise<void> {
    return this.#next.promise;
  }

  wake(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve();
  }
}
