const atOnce = 300;

/** Sends webhooks as those who send them do: again and again, until each is answered with 2xx. */
export class Sender {
  readonly #url: string;
  readonly #waiting: { readonly id: string }[] = [];
  #underWay = 0;
  #isStopped = false;

  constructor(url: string) {
    this.#url = url;
  }

  send(records: readonly { readonly id: string }[]): void {
    this.#waiting.push(...records);
    this.#next();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #next(): void {
    while (this.#underWay < atOnce && !this.#isStopped) {
      const record = this.#waiting.shift();
      if (record === undefined) return;
      this.#underWay += 1;
      void this.#deliver(record).finally(() => {
        this.#underWay -= 1;
        this.#next();
      });
    }
  }

  async #deliver(record: { readonly id: string }): Promise<void> {
    const request = { method: "POST", body: JSON.stringify(record), headers: { "idempotency-key": record.id } };
    while (!this.#isStopped) {
      const isTaken = await fetch(this.#url, request).then(
        async (response) => {
          await response.arrayBuffer();
          return response.ok;
        },
        () => false,
      );
      if (isTaken) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
