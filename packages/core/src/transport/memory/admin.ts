import type { TopicDescription, TopicSpec, TransportAdmin } from "../transport.js";
import type { MemoryBroker } from "./broker.js";
import type { MemoryConnection } from "./network.js";

/** The admin of a broker in memory. */
export function createMemoryAdmin({ broker, network, faults }: MemoryConnection): TransportAdmin {
  const call = <T>(operation: keyof TransportAdmin, act: () => T): Promise<T> =>
    network.call(operation, "transport_failed", faults.admin?.(operation), act);

  return {
    describeTopics: (names) => call("describeTopics", () => describeTopics(broker, names)),
    createTopics: (topics: readonly TopicSpec[]) =>
      call("createTopics", () => {
        for (const topic of topics) broker.createTopic(topic);
      }),
    addPartitions: (topic, total) => call("addPartitions", () => broker.addPartitions(topic, total)),
    deleteTopics: (names) =>
      call("deleteTopics", () => {
        for (const name of names) broker.deleteTopic(name);
      }),
    offsets: (topic) => call("offsets", () => broker.offsets(topic)),
    committed: (group, topics) => call("committed", () => broker.committed(group, topics)),
  };
}

function describeTopics(broker: MemoryBroker, names: readonly string[]): ReadonlyMap<string, TopicDescription> {
  const descriptions = new Map<string, TopicDescription>();
  for (const name of names) {
    const topic = broker.topic(name);
    if (topic !== undefined) descriptions.set(name, { ...topic.description, partitions: topic.logs.length });
  }
  return descriptions;
}
