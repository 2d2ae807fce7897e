import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  type Connection,
  consumerGroupHeartbeatV1,
  createPartitionsV3,
  createTopicsV7,
  deleteTopicsV6,
  describeConfigsV4,
  endTxnV3,
  fetchV13,
  fetchV14,
  fetchV15,
  fetchV16,
  fetchV17,
  findCoordinatorV4,
  heartbeatV4,
  initProducerIdV4,
  joinGroupV7,
  joinGroupV8,
  joinGroupV9,
  leaveGroupV4,
  leaveGroupV5,
  listOffsetsV7,
  metadataV11,
  metadataV12,
  offsetCommitV8,
  offsetCommitV9,
  offsetFetchV8,
  offsetFetchV9,
  produceV9,
  produceV10,
  produceV11,
  syncGroupV5,
  txnOffsetCommitV3,
} from "@platformatic/kafka";

/** One version of one request, as the client offers it. */
interface Api<Sent extends unknown[], Answered> {
  readonly async: (connection: Connection, ...args: Sent) => Promise<Answered>;
  readonly key: number;
  readonly version: number;
}

/** Versions whose arguments and answers are the same to us, newest first. */
function versions<Sent extends unknown[], Answered>(newest: Api<Sent, Answered>, ...older: Api<Sent, Answered>[]): readonly Api<Sent, Answered>[] {
  return [newest, ...older];
}

/**
 * The requests of the Kafka protocol that the transport makes; https://kafka.apache.org/protocol describes each. A broker of Kafka 3.1 or newer knows a
 * version of all of them, but for `ConsumerGroupHeartbeat`, which came with 4.0. Transactions keep to the versions in which partitions are added to a
 * transaction by a request of their own.
 */
export const requests = {
  Metadata: versions(metadataV12.api, metadataV11.api),
  FindCoordinator: versions(findCoordinatorV4.api),
  Produce: versions(produceV11.api, produceV10.api, produceV9.api),
  InitProducerId: versions(initProducerIdV4.api),
  AddPartitionsToTxn: versions(addPartitionsToTxnV3.api),
  AddOffsetsToTxn: versions(addOffsetsToTxnV3.api),
  TxnOffsetCommit: versions(txnOffsetCommitV3.api),
  EndTxn: versions(endTxnV3.api),
  Fetch: versions(fetchV17.api, fetchV16.api, fetchV15.api, fetchV14.api, fetchV13.api),
  ListOffsets: versions(listOffsetsV7.api),
  OffsetFetch: versions(offsetFetchV9.api, offsetFetchV8.api),
  OffsetCommit: versions(offsetCommitV9.api, offsetCommitV8.api),
  JoinGroup: versions(joinGroupV9.api, joinGroupV8.api, joinGroupV7.api),
  SyncGroup: versions(syncGroupV5.api),
  Heartbeat: versions(heartbeatV4.api),
  LeaveGroup: versions(leaveGroupV5.api, leaveGroupV4.api),
  ConsumerGroupHeartbeat: versions(consumerGroupHeartbeatV1.api),
  CreateTopics: versions(createTopicsV7.api),
  DeleteTopics: versions(deleteTopicsV6.api),
  CreatePartitions: versions(createPartitionsV3.api),
  DescribeConfigs: versions(describeConfigsV4.api),
} as const;

export type RequestName = keyof typeof requests;
type ApiOf<Name extends RequestName> = (typeof requests)[Name][number];
export type Arguments<Name extends RequestName> = Parameters<ApiOf<Name>["async"]> extends [Connection, ...infer Sent] ? Sent : never;
export type Answer<Name extends RequestName> = Exclude<Awaited<ReturnType<ApiOf<Name>["async"]>>, boolean>;
