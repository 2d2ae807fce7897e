import type { TopicPartition } from "@org/bus-core";

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`;
}

/** Partitions, or what belongs to them, by topic. */
export function byTopic<T extends TopicPartition>(partitions: Iterable<T>): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const each of partitions) {
    const ofTopic = topics.get(each.topic);
    if (ofTopic === undefined) topics.set(each.topic, [each]);
    else ofTopic.push(each);
  }
  return topics;
}
