import type { AnyContract } from "../contract/contract.js";
import { topicOf } from "../contract/topic-of.js";
import { ensurePartitions } from "../transport/ensure-partitions.js";
import type { TopicSpec, TransportAdmin } from "../transport/transport.js";
import { deadLetterTopic } from "./dead-letter-topic.js";

/** A dead letter is its record and more: what the topic took, at the default limit of about 1 MiB, fits with all that is said about it. */
const maxMessageBytes = 2 * 1024 * 1024;

/**
 * Creates the dead-letter topics of a group, with a partition for each of the source's, and adds those that the source has got since. They are
 * never compacted: two dead letters of one key are two.
 */
export async function ensureDeadLetterTopics(admin: TransportAdmin, contracts: readonly AnyContract[], group: string): Promise<void> {
  const declared = contracts.map(topicOf);
  const existing = await admin.describeTopics(declared.flatMap(({ name }) => [name, deadLetterTopic(name, group)]));
  const missing: TopicSpec[] = [];
  for (const { name, retentionMs } of declared) {
    const source = existing.get(name);
    // joining the group says what is wrong with a topic that does not exist
    if (source === undefined) continue;
    const deadLetters = existing.get(deadLetterTopic(name, group));
    if (deadLetters === undefined) {
      const spec: TopicSpec = { name: deadLetterTopic(name, group), partitions: source.partitions, cleanup: "delete", maxMessageBytes };
      missing.push(retentionMs === undefined ? spec : { ...spec, retentionMs });
    } else if (deadLetters.partitions < source.partitions) {
      await ensurePartitions(admin, deadLetters.name, source.partitions);
    }
  }
  if (missing.length > 0) await admin.createTopics(missing);
}
