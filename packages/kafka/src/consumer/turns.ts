/** Runs calls one after the other; one that finds nothing before it starts at once, before `take` returns. */
export class Turns {
  #last: Promise<unknown> | undefined;

  take(call: () => void | Promise<void>): Promise<void> {
    const turn = this.#last === undefined ? (async () => call())() : this.#last.then(call);
    const done: Promise<unknown> = turn
      .catch(() => {})
      .then(() => {
        if (this.#last === done) this.#last = undefined;
      });
    this.#last = done;
    return turn;
  }
}
