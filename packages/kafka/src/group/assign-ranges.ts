import type { TopicPartition } from "@org/bus-core";
import type { GroupAssignment, Subscriber } from "@org/bus-core/internal";

/**
 * For each topic by itself: consecutive partitions to each of the members that subscribe to it, in the order of their ids, one more to the first of
 * them where it does not come out even. The same as the range assignor of the Java client.
 */
export function assignRanges(
  subscribers: readonly Pick<Subscriber, "memberId" | "topics">[],
  partitionCounts: ReadonlyMap<string, number>,
): GroupAssignment {
  const assignment = new Map(subscribers.map(({ memberId }): [string, TopicPartition[]] => [memberId, []]));
  for (const [topic, count] of partitionCounts) {
    const members = subscribers.filter(({ topics }) => topics.includes(topic)).map(({ memberId }) => memberId);
    members.sort().forEach((memberId, index) => {
      const [share, extra] = [Math.floor(count / members.length), count % members.length];
      const first = index * share + Math.min(index, extra);
      const size = share + (index < extra ? 1 : 0);
      assignment.get(memberId)?.push(...Array.from({ length: size }, (_, offset) => ({ topic, partition: first + offset })));
    });
  }
  return assignment;
}
