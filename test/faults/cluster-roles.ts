import type { KafkaCluster } from "@org/bus-testkit/kafka";
import { type Admin, Kafka, logLevel } from "kafkajs";

/** Which broker (0, 1, …) leads a partition. */
export function leaderOf(cluster: KafkaCluster, topic: string, partition: number): Promise<number> {
  return withAdmin(cluster, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const leader = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader;
    if (leader === undefined || leader < 1) throw new Error(`partition ${partition} of ${topic} has no leader`);
    return leader - 1;
  });
}

/** Which broker (0, 1, …) coordinates a group: the leader of the partition of the offsets topic that the hash of the name tells. */
export async function coordinatorOf(cluster: KafkaCluster, group: string): Promise<number> {
  const topic = "__consumer_offsets";
  const partitions = await withAdmin(
    cluster,
    async (admin) => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length ?? 0,
  );
  return leaderOf(cluster, topic, (javaHash(group) & 0x7fffffff) % partitions);
}

/** Deletes all records that are in the log of a topic now. */
export function deleteRecords(cluster: KafkaCluster, topic: string): Promise<void> {
  return withAdmin(cluster, async (admin) => {
    const offsets = await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: offsets.map(({ partition, high }) => ({ partition, offset: high })) });
  });
}

/** `String.hashCode` of Java. */
function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

async function withAdmin<T>(cluster: KafkaCluster, ask: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}
