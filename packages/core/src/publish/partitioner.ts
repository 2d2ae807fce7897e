import { murmur2 } from "./murmur2.js";

/** The partition of a key, the same as every Kafka client with the default partitioner of Java chooses. */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/**
 * Records without a key: all of one batch go to one partition (fewer, larger requests), the next batch to the next one. Starts at random,
 * so that many processes do not begin at the same partition.
 */
export class StickyPartitions {
  readonly #random: () => number;
  readonly #current = new Map<string, number>();

  constructor(random: () => number) {
    this.#random = random;
  }

  of(topic: string, partitions: number): number {
    let current = this.#current.get(topic);
    if (current === undefined) {
      current = Math.floor(this.#random() * partitions);
      this.#current.set(topic, current);
    }
    return current % partitions;
  }

  /** To be called after each batch: what follows goes to the next partition. */
  advance(): void {
    for (const [topic, partition] of this.#current) this.#current.set(topic, partition + 1);
  }
}
