import type { TopicPartition } from "@org/bus-core";
import type { ClusterClient } from "../client/cluster-client.js";
import { check, ProtocolFault } from "../client/faults.js";
import type { Layout } from "../client/layout.js";
import { byTopic, nameOf } from "../client/topic-partitions.js";

/** What stands for the start and the end of a log in place of a time. */
export const EARLIEST = -2n;
export const LATEST = -1n;

const CONSUMER = -1;
const READ_UNCOMMITTED = 0;

/**
 * By `nameOf` each partition, the first offset at or after a time in ms, or at the start or the end of its log; -1 where the log ends before that time. All
 * or none: a leader that has moved fails the call, and the layout is asked for anew at the next.
 *
 * @throws {ConnectionFault | ProtocolFault}
 */
export async function logOffsets(
  client: ClusterClient,
  layout: Layout,
  partitions: readonly TopicPartition[],
  at: bigint,
): Promise<ReadonlyMap<string, number>> {
  const byLeader = new Map<number, TopicPartition[]>();
  for (const each of partitions) {
    const leader = layout.leader(each);
    if (leader === undefined) throw new ProtocolFault("LEADER_NOT_AVAILABLE", true, `${nameOf(each)} has no leader at the moment`);
    const led = byLeader.get(leader) ?? [];
    led.push(each);
    byLeader.set(leader, led);
  }
  const offsets = new Map<string, number>();
  const ask = async ([broker, led]: [number, TopicPartition[]]) => {
    const topics = [...byTopic(led)].map(([name, ofTopic]) => ({
      name,
      partitions: ofTopic.map(({ partition }) => ({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: at })),
    }));
    const answer = await client.request({ broker }, "ListOffsets", CONSUMER, READ_UNCOMMITTED, topics);
    for (const { name: topic, partitions: answered } of answer.topics) {
      for (const { partitionIndex: partition, errorCode, offset } of answered) {
        check(errorCode);
        offsets.set(nameOf({ topic, partition }), Number(offset));
      }
    }
  };
  await Promise.all([...byLeader].map(ask));
  return offsets;
}
