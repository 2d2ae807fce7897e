import { ConnectionLost } from "../kafka/wire.js";

/** One connection to one broker, which works on its requests one after the other, in the order in which they were sent. */
export class Connection {
  #isOpen = true;
  #last: Promise<unknown> = Promise.resolve();
  #reject: (error: ConnectionLost) => void = () => {};
  /** Rejects when it is lost. */
  readonly lost: Promise<never>;

  constructor() {
    this.lost = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // nothing may be out
    this.lost.catch(() => {});
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whoever asks first comes first: for the work on one request. */
  nextTurn(): <T>(work: () => Promise<T>) => Promise<T> {
    const before = this.#last;
    let finish = (): void => {};
    this.#last = new Promise<void>((resolve) => {
      finish = resolve;
    });
    return async (work) => {
      await before;
      return work().finally(finish);
    };
  }

  lose(): void {
    this.#isOpen = false;
    this.#reject(new ConnectionLost());
  }
}
