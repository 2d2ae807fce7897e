/** What has arrived and was not yet asked for. Its size is bounded by the credit that the sender has. */
export class Inbox<T> {
  readonly #items: T[] = [];
  #end: { readonly error: unknown } | undefined;
  #wake = (): void => {};

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Nothing comes any more; undefined: and that is as it should be. The first end counts. */
  end(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** The next items, at least one; none after a good end. What arrived before a failure is not given: whoever sent it has it back. */
  async take(most: number): Promise<readonly T[]> {
    while (this.#items.length === 0 && this.#end === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    if (this.#end === undefined) return this.#items.splice(0, most);
    if (this.#end.error !== undefined) throw this.#end.error;
    return [];
  }
}
