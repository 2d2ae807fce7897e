import type { TopicPartition } from "@org/bus-core";
import { assignSticky, believed, type Claimant, partitionsOf, withholdOwned } from "@org/bus-core/internal";
import {
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

export function decodeSubscription(memberId: string, metadata: Buffer): Claimant {
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
export function assign(subscribers: readonly Claimant[], partitionCounts: ReadonlyMap<string, number>): ReadonlyMap<string, Buffer> {
  const assignment = withholdOwned(assignSticky(believed(subscribers), partitionsOf(partitionCounts)), subscribers);
  return new Map(
    [...assignment].map(([memberId, given]) => [
      memberId,
      encodeConsumerProtocolAssignment({ version: PROTOCOL_VERSION, assignedPartitions: toAssignments(given), userData: NO_USER_DATA }),
    ]),
  );
}

function toAssignments(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  return [...byTopic(partitions)].map(([topic, ofTopic]) => ({ topic, partitions: ofTopic.map(({ partition }) => partition) }));
}

function toPartitions(assignments: readonly { readonly topic: string; readonly partitions: readonly number[] }[]): TopicPartition[] {
  return assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}
