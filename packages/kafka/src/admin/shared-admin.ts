import type { Admin } from "kafkajs";

/**
 * A connection that many calls use at once. After `retire` it takes its leave when the last of them has ended: kafkajs would open a
 * connection anew, and for good, for a call that is under way while it disconnects.
 */
export class SharedAdmin<A extends Pick<Admin, "connect" | "disconnect">> {
  readonly #admin: A;
  readonly #connected: Promise<void>;
  #users = 0;
  #retired = false;
  #resolveClosed: () => void = () => {};
  /** Resolves when it has disconnected; never rejects. */
  readonly closed = new Promise<void>((resolve) => {
    this.#resolveClosed = resolve;
  });

  constructor(admin: A) {
    this.#admin = admin;
    this.#connected = admin.connect();
    // whoever uses it is told
    this.#connected.catch(() => {});
  }

  async use<T>(call: (admin: A) => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      await this.#connected;
      return await call(this.#admin);
    } finally {
      this.#users -= 1;
      this.#closeWhenUnused();
    }
  }

  /** Takes no further calls. Idempotent. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#closeWhenUnused();
  }

  #closeWhenUnused(): void {
    if (!this.#retired || this.#users > 0) return;
    // one that did not connect, or has lost its connection, has nothing to lose
    this.#connected
      .then(() => this.#admin.disconnect())
      .catch(() => {})
      .finally(this.#resolveClosed);
  }
}
