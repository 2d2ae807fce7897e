import type { ConnectRecord } from "@org/bus-connect";

/** A request that was taken, and waits for the sink. */
export interface WaitingRequest<T> {
  readonly record: ConnectRecord<T>;
  /** Whether it was written. */
  settle(isWritten: boolean): void;
}

/** Requests between the server and the reader of the source. */
export class WaitingRequests<T> {
  #max: number;
  #taken: WaitingRequest<T>[] = [];
  #unanswered = 0;
  #wake: () => void = () => {};

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether the record was written; undefined at once where there are too many. */
  add(record: ConnectRecord<T>): Promise<boolean> | undefined {
    if (this.#unanswered >= this.#max) return undefined;
    this.#unanswered += 1;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settle = (isWritten: boolean) => {
      resolve(isWritten);
      this.#unanswered -= 1;
    };
    this.#taken.push({ record, settle });
    this.#wake();
    return promise;
  }

  /** The next ones, at most `max`; none when `signal` has fired. */
  async take(max: number, signal: AbortSignal): Promise<readonly WaitingRequest<T>[]> {
    while (this.#taken.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = () => {
          signal.removeEventListener("abort", this.#wake);
          resolve();
        };
        signal.addEventListener("abort", this.#wake);
      });
    }
    return signal.aborted ? [] : this.#taken.splice(0, max);
  }

  /** Takes no more, and gives up those that nobody has taken. */
  close(): void {
    this.#max = 0;
    for (const { settle } of this.#taken.splice(0)) settle(false);
  }
}
