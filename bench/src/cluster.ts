import { Kafka, type KafkaMessage, logLevel } from "kafkajs";
import type { RunContext } from "./benchmark.js";
import { PageViewed } from "./gen/bench/v1/page_viewed.js";

/** A contract whose topic is the benchmark's own. */
export function contractFor(topic: string): typeof PageViewed {
  return {
    ...PageViewed,
    topic: { ...(PageViewed.topic ?? { partitions: 1, cleanup: "delete", owner: { team: "bench", channel: "#bench" } }), name: topic },
  };
}

/** kafkajs as its documentation says: retries on, logging of errors only. */
export function kafkajs(context: RunContext): Kafka {
  return new Kafka({ clientId: "bench", brokers: [...context.brokers], logLevel: logLevel.ERROR });
}

export async function createTopic(context: RunContext, partitions: number): Promise<void> {
  const admin = kafkajs(context).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: context.topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
}

/** The records of a batch, those of one key together and in order. */
export function groupByKey(messages: readonly KafkaMessage[]): KafkaMessage[][] {
  const groups = new Map<string, KafkaMessage[]>();
  for (const message of messages) {
    const key = String(message.key);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [message]);
    else group.push(message);
  }
  return [...groups.values()];
}
