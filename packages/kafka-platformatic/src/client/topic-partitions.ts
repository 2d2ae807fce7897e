import type { TopicPartition } from "@org/bus-core";

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`;
}

/** Partitions, or what belongs to them, by topic. */
export function byTopic<T extends TopicPartition>(partitions: Iterable<T>): Map<string, T[]> {
  return Map.groupBy(partitions, ({ topic }) => topic);
}
