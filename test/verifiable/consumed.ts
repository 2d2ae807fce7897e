import type { TopicPartition } from "@org/bus-core";
import type { ConsumedRange } from "./events.js";

interface Partition extends TopicPartition {
  /** Received and not told yet, in the order of the offsets. */
  readonly received: { readonly offset: number; handled: boolean }[];
  first: number;
}

/**
 * Which records were handled, told as Kafka's consumer tells it: per partition and in the order of the offsets, although keys are
 * handled beside each other.
 */
export class Consumed {
  readonly #partitions = new Map<string, Partition>();

  assigned(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#partitions.set(nameOf(topic, partition), { topic, partition, received: [], first: 0 });
  }

  gone(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#partitions.delete(nameOf(topic, partition));
  }

  received({ topic, partition }: TopicPartition, offsets: readonly number[]): void {
    const known = this.#partitions.get(nameOf(topic, partition));
    known?.received.push(...offsets.map((offset) => ({ offset, handled: false })));
  }

  handled(topic: string, partition: number, offset: number): void {
    const known = this.#partitions.get(nameOf(topic, partition));
    const record = known && find(known, offset);
    if (record !== undefined) record.handled = true;
  }

  /**
   * Everything before `offset` is settled: what no handler of this process took was handled by an earlier member, which had not told of it
   * since records before it were still pending, or became a dead letter.
   */
  settled({ topic, partition }: TopicPartition, offset: number): void {
    const known = this.#partitions.get(nameOf(topic, partition));
    if (known === undefined) return;
    for (let index = known.first; index < known.received.length; index++) {
      const record = known.received[index];
      if (record === undefined || record.offset >= offset) return;
      record.handled = true;
    }
  }

  /** The ranges from what was told last up to the first record that has not been handled. */
  take(): ConsumedRange[] {
    return [...this.#partitions.values()].flatMap((known) => {
      const from = known.first;
      while (known.received[known.first]?.handled) known.first++;
      const taken = known.received.slice(from, known.first);
      const [lowest, highest] = [taken[0], taken.at(-1)];
      if (lowest === undefined || highest === undefined) return [];
      compact(known);
      const { topic, partition } = known;
      return [{ topic, partition, count: taken.length, minOffset: lowest.offset, maxOffset: highest.offset }];
    });
  }
}

const nameOf = (topic: string, partition: number): string => `${topic}[${partition}]`;

function find({ received, first }: Partition, offset: number): { handled: boolean } | undefined {
  let [low, high] = [first, received.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const record = received[middle];
    if (record === undefined || record.offset === offset) return record;
    if (record.offset < offset) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function compact(known: Partition): void {
  if (known.first < 1_000) return;
  known.received.splice(0, known.first);
  known.first = 0;
}
