import { codeOf, ProtocolError } from "../../kafka/protocol-error.js";
import type { Answers } from "./answers.js";

const NO_BYTES = Buffer.alloc(0);

/** What the coordinator of a classic group answers. */
export const groupAnswers = {
  FindCoordinator({ kafka }, _kind, keys) {
    const nodeId = kafka.coordinatorNode;
    const coordinators = keys.map((key) => ({ key, nodeId, host: `node${nodeId}`, port: 9092, errorCode: 0, errorMessage: null }));
    return { throttleTimeMs: 0, coordinators };
  },

  async JoinGroup({ kafka, node, name }, group, sessionTimeoutMs, rebalanceTimeoutMs, memberId, _instanceId, protocolType, sent) {
    const protocols = sent.map(({ name: protocol, metadata }) => ({ name: protocol, metadata: metadata ?? NO_BYTES }));
    const always = { throttleTimeMs: 0, protocolType, skipAssignment: false };
    try {
      const request = { memberId, clientId: name, sessionTimeoutMs, rebalanceTimeoutMs, protocols };
      const joined = await kafka.coordinatedGroup(node, group).join(request);
      const { generation: generationId, protocol: protocolName, leaderId: leader, members } = joined;
      return { ...always, errorCode: 0, generationId, protocolName, leader, memberId: joined.memberId, members: [...members] };
    } catch (error) {
      const given = error instanceof ProtocolError ? error.memberId : "";
      return { ...always, errorCode: codeOf(error), generationId: -1, protocolName: null, leader: "", memberId: given, members: [] };
    }
  },

  async SyncGroup({ kafka, node }, group, generation, memberId, _instanceId, protocolType, protocolName, given) {
    const always = { throttleTimeMs: 0, protocolType, protocolName };
    const assignments = new Map(given.map(({ memberId: id, assignment }) => [id, assignment]));
    try {
      return { ...always, errorCode: 0, assignment: await kafka.coordinatedGroup(node, group).sync(memberId, generation, assignments) };
    } catch (error) {
      return { ...always, errorCode: codeOf(error), assignment: NO_BYTES };
    }
  },

  Heartbeat({ kafka, node }, group, generation, memberId) {
    try {
      kafka.coordinatedGroup(node, group).heartbeat(memberId, generation);
      return { throttleTimeMs: 0, errorCode: 0 };
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: codeOf(error) };
    }
  },

  LeaveGroup({ kafka, node }, group, leaving) {
    try {
      const found = kafka.coordinatedGroup(node, group);
      for (const { memberId } of leaving) found.leave(memberId);
      return { throttleTimeMs: 0, errorCode: 0, members: [] };
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: codeOf(error), members: [] };
    }
  },

  OffsetCommit({ kafka, node }, group, generation, memberId, _instanceId, asked) {
    const offsets = asked.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset, committedMetadata }) => {
        return { topic, partition: partitionIndex, offset: Number(committedOffset), metadata: committedMetadata ?? "" };
      }),
    );
    const answer = (errorCode: number) => ({
      throttleTimeMs: 0,
      topics: asked.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) })),
    });
    try {
      kafka.coordinatedGroup(node, group).commit(memberId, generation, offsets);
      return answer(0);
    } catch (error) {
      return answer(codeOf(error));
    }
  },

  OffsetFetch({ kafka, node }, asked) {
    const groups = asked.map(({ groupId, topics }) => {
      try {
        const group = kafka.coordinatedGroup(node, groupId);
        const found = (topics ?? []).map(({ name: topic, partitionIndexes }) => ({
          name: topic,
          partitions: partitionIndexes.map((partition) => {
            const { offset = -1, metadata = "" } = group.committed({ topic, partition }) ?? {};
            return { partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1, metadata, errorCode: 0 };
          }),
        }));
        return { groupId, topics: found, errorCode: 0 };
      } catch (error) {
        return { groupId, topics: [], errorCode: codeOf(error) };
      }
    });
    return { throttleTimeMs: 0, groups };
  },
} satisfies Answers;
