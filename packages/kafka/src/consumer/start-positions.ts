import { type AssignedPartition, BusError, type TransportConsumerOptions } from "@org/bus-core";
import { startPosition } from "@org/bus-core/internal";
import type { KafkaAdmin } from "../admin/admin.js";
import type { Assignment } from "./assignment.js";

/**
 * Where each partition of an assignment starts, by its committed offset and its log.
 *
 * @throws {BusError} `offset_out_of_range` under the policy `stop`, and what the admin throws
 */
export async function startPositions(admin: KafkaAdmin, assignment: Assignment, options: TransportConsumerOptions): Promise<AssignedPartition[]> {
  const { group, from, outOfRange } = options;
  const topics = [...new Set(assignment.partitions.map(({ topic }) => topic))];
  if (topics.length === 0) return [];
  const [committed, logs, dates] = await Promise.all([
    admin.committed(group, topics),
    Promise.all(topics.map((topic) => admin.offsets(topic))),
    Promise.all(topics.map(async (topic) => (from instanceof Date ? ([topic, await admin.offsetsAt(topic, from)] as const) : undefined))),
  ]);
  const offsetsAtDate = new Map(dates.filter((each) => each !== undefined));
  const offsets = logs.flat();
  return assignment.epochs.map((owned) => {
    const { topic, partition } = owned;
    const isThis = (other: { topic: string; partition: number }) => other.topic === topic && other.partition === partition;
    const log = offsets.find(isThis);
    if (log === undefined) throw new BusError("transport_failed", `the offsets of ${topic}[${partition}] are not known yet`, { retryable: true });
    const { logStart, logEnd } = log;
    const found = committed.find(isThis);
    const commit = found && { offset: found.offset, metadata: found.metadata };
    const offsetAtDate = offsetsAtDate.get(topic)?.get(partition);
    const position = startPosition({ topic, partition, group, committed: commit, logStart, logEnd, from, outOfRange, offsetAtDate });
    return { ...owned, position, committed: commit, logStart, logEnd };
  });
}
