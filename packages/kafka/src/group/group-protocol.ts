import { assignSticky, believed, type Claimant, type GroupAssignment, partitionsOf, withholdOwned } from "@org/bus-core/internal";
import { assignRanges } from "./assign-ranges.js";
import { type Assignment, decodeSubscription, encodeAssignment, encodeSubscription, type Subscription } from "./consumer-protocol.js";

/** A member as the coordinator shows it to the leader. */
export interface GroupMember {
  readonly memberId: string;
  readonly memberMetadata: Buffer;
}

/** One way in which a group divides its partitions; the coordinator takes one that all members know. */
export interface GroupProtocol {
  readonly name: string;
  /** Members keep what they own while they join; otherwise all of it has to be given up before. */
  readonly cooperative: boolean;
  readonly assign: (members: readonly Claimant[], partitionCounts: ReadonlyMap<string, number>) => GroupAssignment;
}

/** The cooperative rebalancing of KIP-429, under the name and in the format of the CooperativeStickyAssignor of the Java client. */
export const COOPERATIVE: GroupProtocol = {
  name: "cooperative-sticky",
  cooperative: true,
  assign: (members, partitionCounts) => assignSticky(believed(members), partitionsOf(partitionCounts)),
};

/** For groups with members that know nothing else: every rebalance moves everything. */
export const RANGE: GroupProtocol = { name: "range", cooperative: false, assign: assignRanges };

/** In the order of preference. */
export const PROTOCOLS: readonly GroupProtocol[] = [COOPERATIVE, RANGE];

/**
 * Whether what is missing in `assignment` still belongs to the member, until it has given it up. A leader of ours sees to that under `range` too: while a
 * group turns from cooperative to eager its members still own something.
 */
export function respectsOwners(protocol: string, { ownersRespected }: Assignment): boolean {
  return protocol === COOPERATIVE.name || ownersRespected;
}

/** What a member says of itself under each protocol. */
export function describeMember({ topics, owned, generation }: Omit<Subscription, "userData">): { name: string; metadata: Buffer }[] {
  // where Java members looked for the generation before the protocol had a field for it
  const userData = Buffer.alloc(4);
  userData.writeInt32BE(generation);
  return PROTOCOLS.map(({ name }) => ({
    name,
    metadata: encodeSubscription({ topics, owned, generation, userData: name === COOPERATIVE.name ? userData : Buffer.alloc(0) }),
  }));
}

/** All topics that somebody subscribed to. */
export function topicsOf(members: readonly GroupMember[]): ReadonlySet<string> {
  return new Set(members.flatMap(({ memberMetadata }) => decodeSubscription(memberMetadata).topics));
}

/** What the leader of a group gives to each member. @throws {Error} for a protocol that this member did not name */
export function assignGroup(
  protocol: string,
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
): { memberId: string; memberAssignment: Buffer }[] {
  const claimants = members.map(({ memberId, memberMetadata }): Claimant => ({ memberId, ...decodeSubscription(memberMetadata) }));
  const found = PROTOCOLS.find(({ name }) => name === protocol);
  if (found === undefined) throw new Error(`the group chose the protocol ${protocol}, which this member did not offer`);
  const assignment = withholdOwned(found.assign(claimants, partitionCounts), claimants);
  return [...assignment].map(([memberId, partitions]) => ({
    memberId,
    memberAssignment: encodeAssignment({ partitions, ownersRespected: true }),
  }));
}
