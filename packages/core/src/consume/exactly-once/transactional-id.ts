import { escapeGroup } from "../../failure/dead-letter-topic.js";
import type { TopicPartition } from "../../transport/record.js";

/**
 * Who writes what `group` makes of a partition: `<group>.<topic>.<partition>`. One for each partition, because brokers do not check which member a
 * transaction's offsets come from: the owner of a partition fences the one before it by this name alone. An escaped group has no dot, so no two are the same.
 */
export function transactionalId(group: string, { topic, partition }: TopicPartition): string {
  return `${escapeGroup(group)}.${topic}.${partition}`;
}
