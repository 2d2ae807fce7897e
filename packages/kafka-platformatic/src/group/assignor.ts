import type { TopicPartition } from "@org/bus-core";
import { assignSticky, withholdOwned } from "@org/bus-core/internal";
import {
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  decodeCooperativeStickyGeneration,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
} from "@platformatic/kafka";
import { byTopic, nameOf } from "../client/topic-partitions.js";

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
export function assign(subscribers: readonly Subscriber[], partitionCounts: ReadonlyMap<string, number>): ReadonlyMap<string, Buffer> {
  const partitions = [...partitionCounts].flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })));
  const assignment = withholdOwned(assignSticky(believed(subscribers), partitions), subscribers);
  return new Map(
    [...assignment].map(([memberId, given]) => [
      memberId,
      encodeConsumerProtocolAssignment({ version: PROTOCOL_VERSION, assignedPartitions: toAssignments(given), userData: NO_USER_DATA }),
    ]),
  );
}

/** Of several that say that they hold a partition, the one that joined last does. */
function believed(subscribers: readonly Subscriber[]): readonly Subscriber[] {
  const newest = new Map<string, number>();
  for (const { owned, generation } of subscribers) {
    for (const partition of owned) newest.set(nameOf(partition), Math.max(generation, newest.get(nameOf(partition)) ?? generation));
  }
  return subscribers.map((each) => ({ ...each, owned: each.owned.filter((partition) => newest.get(nameOf(partition)) === each.generation) }));
}

function toAssignments(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  return [...byTopic(partitions)].map(([topic, ofTopic]) => ({ topic, partitions: ofTopic.map(({ partition }) => partition) }));
}

function toPartitions(assignments: readonly { readonly topic: string; readonly partitions: readonly number[] }[]): TopicPartition[] {
  return assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}
