import { NODES } from "../../kafka/kafka.js";
import { codeOf, errorCodes } from "../../kafka/protocol-error.js";
import type { Answers } from "./answers.js";

const ID_PREFIX = "id-of-";

export const topicIdOf = (name: string): string => `${ID_PREFIX}${name}`;
export const topicOfId = (topicId: string): string => topicId.slice(ID_PREFIX.length);

const replicas = { replicaNodes: [...NODES], isrNodes: [...NODES], offlineReplicas: [] };

/** What brokers say of topics, and do to them. */
export const topicAnswers = {
  Metadata({ kafka }, asked) {
    const names = (asked ?? []).map((topic) => (typeof topic === "string" ? topic : (topic.name ?? "")));
    return {
      throttleTimeMs: 0,
      brokers: NODES.map((nodeId) => ({ nodeId, host: `node${nodeId}`, port: 9092, rack: null })),
      clusterId: "simulated",
      controllerId: NODES[0],
      topics: names.map((name) => {
        const partitions = kafka.hasTopic(name) ? kafka.partitions(name) : [];
        return {
          errorCode: kafka.hasTopic(name) ? 0 : errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
          name,
          topicId: topicIdOf(name),
          isInternal: false,
          topicAuthorizedOperations: 0,
          partitions: partitions.map(({ partition }) => {
            return { errorCode: 0, partitionIndex: partition, leaderId: kafka.leaderOf(partition), leaderEpoch: 0, ...replicas };
          }),
        };
      }),
    };
  },

  CreateTopics({ kafka }, topics) {
    const create = (name: string, partitions: number) => {
      try {
        kafka.createTopic(name, partitions);
        return 0;
      } catch (error) {
        return codeOf(error);
      }
    };
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, numPartitions, replicationFactor }) => {
        const errorCode = create(name, numPartitions);
        return { name, topicId: topicIdOf(name), errorCode, errorMessage: null, numPartitions, replicationFactor, configs: null };
      }),
    };
  },

  DescribeConfigs(_, resources) {
    const config = { readOnly: false, configSource: 1 as const, isSensitive: false, synonyms: [], configType: 0 as const, documentation: null };
    const configs = [
      { name: "cleanup.policy", value: "delete", ...config },
      { name: "retention.ms", value: "604800000", ...config },
    ];
    const results = resources.map(({ resourceType, resourceName }) => ({ errorCode: 0, errorMessage: null, resourceType, resourceName, configs }));
    return { throttleTimeMs: 0, results };
  },
} satisfies Answers;
