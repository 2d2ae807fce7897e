import type { TopicPartition } from "@org/bus-core";
import { nameOf } from "../client/topic-partitions.js";

/** Keeps calls that concern the same partition in order, one after the other; one that finds nothing before it starts at once, before `take` returns. */
export class PartitionTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  take(partitions: readonly TopicPartition[], call: () => void | Promise<void>): Promise<void> {
    const names = partitions.map(nameOf);
    const before = names.flatMap((name) => this.#last.get(name) ?? []);
    const turn = before.length === 0 ? (async () => call())() : Promise.all(before).then(call);
    const done: Promise<unknown> = turn
      .catch(() => {})
      .then(() => {
        for (const name of names) if (this.#last.get(name) === done) this.#last.delete(name);
      });
    for (const name of names) this.#last.set(name, done);
    return turn;
  }
}
