import { NumericMap } from "@platformatic/kafka";
import type { ClusterClient } from "../client/cluster-client.js";
import { ConnectionFault, faultOf, type ProtocolFault } from "../client/faults.js";
import { nameOf } from "../client/topic-partitions.js";
import { toMessage } from "./message.js";
import type { PartitionQueue } from "./partition-queue.js";
import type { ProducerIdentity } from "./producer-identity.js";

export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

const ALL_IN_SYNC = -1;

export interface ProduceOptions {
  readonly broker: number;
  readonly identity: ProducerIdentity;
  /** Only where the records belong to a transaction. */
  readonly transactionalId?: string;
  readonly compression: Compression;
  /** How long the broker may wait for the other replicas. */
  readonly timeoutMs: number;
}

/** What a broker says of one batch. */
export type BatchAnswer =
  | { readonly baseOffset: number }
  /** `records` says which of its records are at fault, by position, where the broker tells. */
  | { readonly fault: ProtocolFault; readonly records: ReadonlyMap<number, string> };

/**
 * Writes the first batch of each queue by one request to one broker.
 *
 * @returns by `nameOf` each partition
 * @throws {ConnectionFault | ProtocolFault}
 */
export async function produce(
  client: ClusterClient,
  queues: readonly PartitionQueue[],
  options: ProduceOptions,
): Promise<ReadonlyMap<string, BatchAnswer>> {
  const { broker, identity, transactionalId, compression, timeoutMs } = options;
  const sequences = new NumericMap();
  for (const queue of queues) sequences.set(`${queue.topic}:${queue.partition}`, identity.sequence(queue));
  const { producerId, epoch: producerEpoch } = identity;
  const batchOptions = { compression, producerId, producerEpoch, sequences, ...(transactionalId !== undefined && { transactionalId }) };
  const messages = queues.flatMap(({ records }) => records.map(toMessage));
  const answer = await client.request({ broker }, "Produce", ALL_IN_SYNC, timeoutMs, messages, batchOptions);
  const answers = new Map<string, BatchAnswer>();
  for (const { name: topic, partitionResponses } of answer.responses) {
    for (const { index: partition, errorCode, errorMessage, baseOffset, recordErrors } of partitionResponses) {
      const fault = faultOf(errorCode, errorMessage);
      const records = new Map(recordErrors.map(({ batchIndex, batchIndexErrorMessage }) => [batchIndex, batchIndexErrorMessage ?? ""]));
      answers.set(nameOf({ topic, partition }), fault === undefined ? { baseOffset: Number(baseOffset) } : { fault, records });
    }
  }
  return answers;
}

/** A batch that the answer does not mention. */
export function unmentioned(queue: PartitionQueue): ConnectionFault {
  return new ConnectionFault(`the broker did not tell what became of the records for ${nameOf(queue)}`, { sent: true });
}
