import { type AssignedPartition, BusError, type PartitionOffsets, type TopicPartition, type TransportConsumerOptions } from "@org/bus-core";
import { type OwnedPartition, startPosition } from "@org/bus-core/internal";
import type { KafkaAdmin } from "../admin/admin.js";

/**
 * Where each partition of an assignment starts, by its committed offset and its log.
 *
 * @throws {BusError} `offset_out_of_range` under the policy `stop`, and what the admin throws
 */
export async function startPositions(
  admin: KafkaAdmin,
  partitions: readonly OwnedPartition[],
  options: TransportConsumerOptions,
): Promise<AssignedPartition[]> {
  const { group, from, offsets, outOfRange } = options;
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const [committed, logs, dates] = await Promise.all([
    admin.committed(group, topics),
    Promise.all(topics.map((topic) => admin.offsets(topic))),
    Promise.all(topics.map(async (topic) => (from instanceof Date ? ([topic, await admin.offsetsAt(topic, from)] as const) : undefined))),
  ]);
  const offsetsAtDate = new Map(dates.filter((each) => each !== undefined));
  return partitions.map((owned) => {
    const { topic, partition } = owned;
    const { logStart, logEnd } = logOf(owned, logs.flat());
    const found = committed.find((other) => other.topic === topic && other.partition === partition);
    const commit = found && { offset: found.offset, metadata: found.metadata };
    const offsetAtDate = offsetsAtDate.get(topic)?.get(partition);
    // one that begins anew goes on from where it was, whatever was committed of it
    const goesOnAt = owned.next === undefined ? commit : { offset: owned.next, metadata: "" };
    const position = startPosition({ topic, partition, group, committed: goesOnAt, logStart, logEnd, from, offsets, outOfRange, offsetAtDate });
    const { epoch } = owned;
    return { topic, partition, epoch, position, committed: commit, logStart, logEnd };
  });
}

/** @throws {BusError} `transport_failed` when it is not among them */
export function logOf({ topic, partition }: TopicPartition, logs: readonly PartitionOffsets[]): PartitionOffsets {
  const log = logs.find((each) => each.topic === topic && each.partition === partition);
  if (log === undefined) throw new BusError("transport_failed", `the offsets of ${topic}[${partition}] are not known yet`, { retryable: true });
  return log;
}
