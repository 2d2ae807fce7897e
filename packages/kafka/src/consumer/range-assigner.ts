import { AssignerProtocol, type PartitionAssigner } from "kafkajs";

const { MemberAssignment, MemberMetadata } = AssignerProtocol;

export interface Subscriber {
  readonly memberId: string;
  readonly topics: readonly string[];
}

type Assignment = Record<string, number[]>;

/**
 * For each topic by itself: consecutive partitions to each of the members that subscribe to it, in the order of their ids, one more to the first of
 * them where it does not come out even. The same as the range assignor of the Java client.
 */
export function assignRanges(subscribers: readonly Subscriber[], partitionCounts: ReadonlyMap<string, number>): Map<string, Assignment> {
  const assignments = new Map(subscribers.map(({ memberId }): [string, Assignment] => [memberId, {}]));
  for (const [topic, count] of partitionCounts) {
    const members = subscribers.filter(({ topics }) => topics.includes(topic)).map(({ memberId }) => memberId);
    members.sort().forEach((memberId, index) => {
      const [share, extra] = [Math.floor(count / members.length), count % members.length];
      const first = index * share + Math.min(index, extra);
      const size = share + (index < extra ? 1 : 0);
      const assignment = assignments.get(memberId);
      if (assignment !== undefined && size > 0) assignment[topic] = Array.from({ length: size }, (_, offset) => first + offset);
    });
  }
  return assignments;
}

/** What the members of a group run: every topic goes to those who subscribed to it, and members written in Java can be among them. */
export const rangeAssigner: PartitionAssigner = ({ cluster }) => ({
  name: "range",
  version: 0,

  protocol: ({ topics }) => ({ name: "range", metadata: MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }) }),

  async assign({ members }) {
    const subscribers = members.map(({ memberId, memberMetadata }) => ({ memberId, topics: MemberMetadata.decode(memberMetadata)?.topics ?? [] }));
    const partitionCounts = new Map<string, number>();
    for (const topic of new Set(subscribers.flatMap(({ topics }) => topics))) {
      // of topics that only others subscribed to, this member knows nothing yet; one that does not exist has nothing to assign
      if (cluster.findTopicPartitionMetadata(topic).length === 0) await cluster.addTargetTopic(topic).catch(() => {});
      partitionCounts.set(topic, cluster.findTopicPartitionMetadata(topic).length);
    }
    return [...assignRanges(subscribers, partitionCounts)].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({ version: 0, assignment, userData: Buffer.alloc(0) }),
    }));
  },
});
