import type { TopicPartition } from "@org/bus-core";
import type { ClusterClient } from "../client/cluster-client.js";
import { check } from "../client/faults.js";
import { nameOf } from "../client/topic-partitions.js";

const LARGEST_SEQUENCE = 2 ** 31 - 1;
/** Of a producer that has no transactions the broker does not look at it. */
const NO_TRANSACTION_TIMEOUT_MS = 0;

/**
 * A producer as the brokers know it. They write a batch of a partition only if its number follows the last one, and answer one that they have already with
 * its offset; so a batch may be sent again under its number, and only under that.
 */
export class ProducerIdentity {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly #next = new Map<string, number>();

  constructor(producerId: bigint, epoch: number) {
    this.producerId = producerId;
    this.epoch = epoch;
  }

  /** The number of the next record of a partition. */
  sequence(partition: TopicPartition): number {
    return this.#next.get(nameOf(partition)) ?? 0;
  }

  /** `count` records of a partition have been written. */
  advance(partition: TopicPartition, count: number): void {
    this.#next.set(nameOf(partition), (this.sequence(partition) + count) % (LARGEST_SEQUENCE + 1));
  }
}

/** @throws {ConnectionFault | ProtocolFault} */
export async function newIdentity(client: ClusterClient): Promise<ProducerIdentity> {
  const answer = await client.request({ broker: "any" }, "InitProducerId", null, NO_TRANSACTION_TIMEOUT_MS);
  check(answer.errorCode);
  return new ProducerIdentity(answer.producerId, answer.producerEpoch);
}
