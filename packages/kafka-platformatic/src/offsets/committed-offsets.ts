import type { CommittedOffset, TopicPartition } from "@org/bus-core";
import type { Coordinator } from "../client/coordinator.js";
import { check } from "../client/faults.js";
import { byTopic } from "../client/topic-partitions.js";

const NO_MEMBER = { memberId: null, memberEpoch: -1 };

/**
 * What a group has committed; a partition without a commit is absent.
 *
 * @param whileOpen offsets that an open transaction may change: `wait` fails the call for as long as it is open, `before` answers those that it may replace
 * @throws {ConnectionFault | ProtocolFault}
 */
export async function committedOffsets(
  coordinator: Coordinator,
  groupId: string,
  partitions: readonly TopicPartition[],
  whileOpen: "wait" | "before",
): Promise<readonly (TopicPartition & CommittedOffset)[]> {
  const topics = [...byTopic(partitions)].map(([name, ofTopic]) => ({ name, partitionIndexes: ofTopic.map(({ partition }) => partition) }));
  const { groups } = await coordinator.request("main", "OffsetFetch", [{ groupId, ...NO_MEMBER, topics }], whileOpen === "wait");
  const committed: (TopicPartition & CommittedOffset)[] = [];
  for (const group of groups) {
    check(group.errorCode);
    for (const { name: topic, partitions: found } of group.topics) {
      for (const { partitionIndex: partition, committedOffset, metadata, errorCode } of found) {
        check(errorCode);
        if (committedOffset >= 0n) committed.push({ topic, partition, offset: Number(committedOffset), metadata: metadata ?? "" });
      }
    }
  }
  return committed;
}
