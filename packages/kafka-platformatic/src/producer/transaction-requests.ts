import type { CommitRequest, TopicPartition } from "@org/bus-core";
import type { Coordinator } from "../client/coordinator.js";
import { check, faultOf } from "../client/faults.js";
import { byTopic } from "../client/topic-partitions.js";
import { ProducerIdentity } from "./producer-identity.js";

const ANY_LEADER_EPOCH = -1;
/** Offsets are taken from whoever has the transactional id. */
const NO_MEMBER = { generation: -1, memberId: "", instanceId: null };

/*
 * The steps of a transaction, each one request. All throw ConnectionFault or ProtocolFault.
 */

/** Takes over a transactional id: fences whoever had it, and has what that left open aborted. */
export async function initTransactions(coordinator: Coordinator, transactionalId: string, timeoutMs: number): Promise<ProducerIdentity> {
  const answer = await coordinator.request("main", "InitProducerId", transactionalId, timeoutMs);
  check(answer.errorCode);
  return new ProducerIdentity(answer.producerId, answer.producerEpoch);
}

/** A transaction in the making. */
export interface OpenTransaction {
  /** Of the transactional id. */
  readonly coordinator: Coordinator;
  readonly transactionalId: string;
  readonly identity: ProducerIdentity;
  /** After which the cluster aborts it. */
  readonly timeoutMs: number;
}

/** Announces the partitions that are about to be written. */
export async function addPartitions(
  { coordinator, transactionalId, identity }: OpenTransaction,
  partitions: readonly TopicPartition[],
): Promise<void> {
  const topics = [...byTopic(partitions)].map(([name, ofTopic]) => ({ name, partitions: ofTopic.map(({ partition }) => partition) }));
  const { producerId, epoch: producerEpoch } = identity;
  const answer = await coordinator.request("main", "AddPartitionsToTxn", [{ transactionalId, producerId, producerEpoch, verifyOnly: false, topics }]);
  const codes = answer.resultsByTransaction.flatMap(({ topicResults }) =>
    topicResults.flatMap(({ resultsByPartition }) => resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode)),
  );
  // where one is refused the others are not attempted, and say so
  for (const code of codes) if (code !== OPERATION_NOT_ATTEMPTED) check(code);
  for (const code of codes) check(code);
}

const OPERATION_NOT_ATTEMPTED = 55;

/** Announces that offsets of a group are about to be written. */
export async function addOffsets({ coordinator, transactionalId, identity }: OpenTransaction, group: string): Promise<void> {
  const answer = await coordinator.request("main", "AddOffsetsToTxn", transactionalId, identity.producerId, identity.epoch, group);
  check(answer.errorCode);
}

/** Writes offsets, which count when the transaction is committed. */
export async function writeOffsets(
  groupCoordinator: Coordinator,
  { transactionalId, identity }: OpenTransaction,
  group: string,
  offsets: readonly CommitRequest[],
): Promise<void> {
  const topics = [...byTopic(offsets)].map(([name, ofTopic]) => ({
    name,
    partitions: ofTopic.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: ANY_LEADER_EPOCH,
      committedMetadata: metadata,
    })),
  }));
  const { generation, memberId, instanceId } = NO_MEMBER;
  const { producerId, epoch } = identity;
  const args = [transactionalId, group, producerId, epoch, generation, memberId, instanceId, topics] as const;
  const answer = await groupCoordinator.request("main", "TxnOffsetCommit", ...args);
  for (const { partitions } of answer.topics) for (const { errorCode } of partitions) check(errorCode);
}

/** Commits; the same again is answered the same. */
export async function endTransaction({ coordinator, transactionalId, identity }: OpenTransaction): Promise<void> {
  const answer = await coordinator.request("main", "EndTxn", transactionalId, identity.producerId, identity.epoch, true);
  check(answer.errorCode);
}

/**
 * Aborts, by raising the epoch of the producer: a request that nobody has answered, and that arrives only now, is refused. A later producer with the id is left
 * alone (KIP-360).
 */
export async function abortTransaction({ coordinator, transactionalId, identity, timeoutMs }: OpenTransaction): Promise<void> {
  const answer = await coordinator.request("main", "InitProducerId", transactionalId, timeoutMs, identity.producerId, identity.epoch);
  // the abort is under way
  if (faultOf(answer.errorCode)?.type !== "CONCURRENT_TRANSACTIONS") check(answer.errorCode);
}
