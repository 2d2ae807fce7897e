import type { TopicPartition } from "@org/bus-core";
import {
  cooperativeStickyAssigner,
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  decodeCooperativeStickyGeneration,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
} from "@platformatic/kafka";
import { byTopic } from "../client/topic-partitions.js";

/** The name by which the Java client knows it too: members of both can be in one group. */
export const ASSIGNOR = "cooperative-sticky";
const PROTOCOL_VERSION = 3;
const NO_USER_DATA = Buffer.alloc(0);
/** From this version on a subscription has a field for the generation; before, it was in the user data. */
const GENERATION_VERSION = 2;

export interface Subscription {
  readonly topics: readonly string[];
  /** What the member holds, as of `generation`. */
  readonly owned: readonly TopicPartition[];
  readonly generation: number;
}

export interface Subscriber extends Subscription {
  readonly memberId: string;
}

export function encodeSubscription({ topics, owned, generation }: Subscription): Buffer {
  return encodeConsumerProtocolSubscription({
    version: PROTOCOL_VERSION,
    topics: [...topics],
    userData: NO_USER_DATA,
    ownedPartitions: toAssignments(owned),
    generationId: generation,
    rackId: null,
  });
}

export function decodeSubscription(memberId: string, metadata: Buffer): Subscriber {
  const { version, topics, ownedPartitions, generationId, userData } = decodeConsumerProtocolSubscription(metadata);
  const generation = version < GENERATION_VERSION ? decodeCooperativeStickyGeneration(userData) : generationId;
  return { memberId, topics, owned: toPartitions(ownedPartitions), generation };
}

export function decodeAssignment(assignment: Buffer): readonly TopicPartition[] {
  return toPartitions(decodeConsumerProtocolAssignment(assignment).assignedPartitions);
}

/**
 * What each member is to hold: what it held, as far as that is fair. What moves goes to nobody yet: its new owner gets it when the old one has joined again
 * without it.
 */
export function assign(
  leader: string,
  subscribers: readonly Subscriber[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, Buffer> {
  const members = new Map(
    subscribers.map(({ memberId, topics, owned, generation }) => [
      memberId,
      {
        memberId,
        version: PROTOCOL_VERSION,
        topics: [...topics],
        metadata: NO_USER_DATA,
        ownedPartitions: toAssignments(owned),
        generationId: generation,
      },
    ]),
  );
  const topics = new Map([...partitionCounts].map(([topic, partitionsCount]) => [topic, { partitionsCount }]));
  // of the metadata of the cluster it looks at the number of partitions only
  const metadata = { topics } as unknown as Parameters<typeof cooperativeStickyAssigner>[3];
  const assigned = cooperativeStickyAssigner(leader, members, new Set(partitionCounts.keys()), metadata);
  return new Map(
    assigned.map(({ memberId, assignments }) => [
      memberId,
      encodeConsumerProtocolAssignment({ version: PROTOCOL_VERSION, assignedPartitions: [...assignments.values()], userData: NO_USER_DATA }),
    ]),
  );
}

function toAssignments(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  return [...byTopic(partitions)].map(([topic, ofTopic]) => ({ topic, partitions: ofTopic.map(({ partition }) => partition) }));
}

function toPartitions(assignments: readonly { readonly topic: string; readonly partitions: readonly number[] }[]): TopicPartition[] {
  return assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}
