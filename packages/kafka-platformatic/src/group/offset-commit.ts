import type { Coordinator } from "../client/coordinator.js";
import { check } from "../client/faults.js";
import { byTopic } from "../client/topic-partitions.js";
import type { OffsetToCommit } from "./membership.js";

const ANY_LEADER_EPOCH = -1;

/** As whom a member commits: in a generation of a classic group, or an epoch of a member of the other kind. */
export interface Committer {
  readonly group: string;
  readonly memberId: string;
  readonly epoch: number;
  readonly instanceId: string | null;
}

/** @throws {ConnectionFault | ProtocolFault} the first fault of any of the offsets */
export async function offsetCommit(coordinator: Coordinator, committer: Committer, offsets: readonly OffsetToCommit[]): Promise<void> {
  const topics = [...byTopic(offsets)].map(([name, ofTopic]) => ({
    name,
    partitions: ofTopic.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: ANY_LEADER_EPOCH,
      committedMetadata: metadata,
    })),
  }));
  const { group, epoch, memberId, instanceId } = committer;
  const answer = await coordinator.request("main", "OffsetCommit", group, epoch, memberId, instanceId, topics);
  for (const { partitions } of answer.topics) for (const { errorCode } of partitions) check(errorCode);
}
