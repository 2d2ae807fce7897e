import { partitionName, type TopicPartition } from "./record.js";

/** One member as the assignment sees it. */
export interface Subscriber {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** What it owns; it keeps as much of it as balance allows, the first of it first. */
  readonly owned: readonly TopicPartition[];
}

export type GroupAssignment = ReadonlyMap<string, readonly TopicPartition[]>;

interface Seat {
  readonly partition: TopicPartition;
  readonly eligible: readonly Subscriber[];
  owner: Subscriber;
  /** How much its owner wants to keep it: 0 most. */
  readonly rank: number;
}

/**
 * Gives every partition that somebody subscribed to exactly one owner among its subscribers. Members that may own the same partitions
 * differ by one partition at most; among balanced assignments it prefers what members own. Depends on nothing but its arguments.
 */
export function assignSticky(subscribers: readonly Subscriber[], partitions: readonly TopicPartition[]): GroupAssignment {
  const ordered = subscribers.toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const load = new Map(ordered.map((subscriber) => [subscriber, 0]));
  const loadOf = (subscriber: Subscriber) => load.get(subscriber) ?? 0;
  const claims = new Map<string, Pick<Seat, "owner" | "rank">>();
  for (const owner of ordered.toReversed()) for (const [rank, owned] of owner.owned.entries()) claims.set(partitionName(owned), { owner, rank });
  const seats: Seat[] = [];
  const place = (seat: Seat) => {
    seats.push(seat);
    load.set(seat.owner, loadOf(seat.owner) + 1);
  };

  const unowned: Pick<Seat, "partition" | "eligible">[] = [];
  for (const partition of partitions) {
    const eligible = ordered.filter((subscriber) => subscriber.topics.includes(partition.topic));
    const claim = claims.get(partitionName(partition));
    if (claim !== undefined && eligible.includes(claim.owner)) place({ partition, eligible, ...claim });
    else if (eligible.length > 0) unowned.push({ partition, eligible });
  }
  for (const seat of unowned) place({ ...seat, owner: leastLoaded(seat.eligible, loadOf), rank: Number.POSITIVE_INFINITY });

  // what is wanted least moves first; each move makes the loads more equal, so this ends
  const movable = seats.toSorted((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank));
  let moved = true;
  while (moved) {
    moved = false;
    for (const seat of movable) {
      const other = leastLoaded(seat.eligible, loadOf);
      if (loadOf(seat.owner) - loadOf(other) < 2) continue;
      load.set(seat.owner, loadOf(seat.owner) - 1);
      load.set(other, loadOf(other) + 1);
      seat.owner = other;
      moved = true;
    }
  }

  const assignment = new Map<string, TopicPartition[]>(ordered.map(({ memberId }) => [memberId, []]));
  for (const { owner, partition } of seats) assignment.get(owner.memberId)?.push(partition);
  return assignment;
}

/** What a member says that it owns, and since which generation of the group. */
export interface Claimant extends Subscriber {
  readonly generation: number;
}

/** Of several that say that they own a partition, the one that got it last does. */
export function believed<T extends Claimant>(members: readonly T[]): readonly T[] {
  const newest = new Map<string, number>();
  for (const { owned, generation } of members) {
    for (const partition of owned) newest.set(partitionName(partition), Math.max(generation, newest.get(partitionName(partition)) ?? generation));
  }
  return members.map((member) => ({
    ...member,
    owned: member.owned.filter((partition) => newest.get(partitionName(partition)) === member.generation),
  }));
}

/** Every partition of topics with so many of them. */
export function partitionsOf(counts: ReadonlyMap<string, number>): readonly TopicPartition[] {
  return [...counts].flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })));
}

/**
 * The assignment without the partitions that somebody else than their new owner still owns: those are nobody's until their owner has given them up
 * and the group has assigned anew (the cooperative protocol of KIP-429).
 */
export function withholdOwned(assignment: GroupAssignment, subscribers: readonly Subscriber[]): GroupAssignment {
  const owners = new Map<string, Set<string>>();
  for (const { memberId, owned } of subscribers) {
    for (const partition of owned) owners.set(partitionName(partition), (owners.get(partitionName(partition)) ?? new Set()).add(memberId));
  }
  const isFree = (partition: TopicPartition, memberId: string) => {
    const owning = owners.get(partitionName(partition));
    return owning === undefined || (owning.size === 1 && owning.has(memberId));
  };
  return new Map([...assignment].map(([memberId, partitions]) => [memberId, partitions.filter((partition) => isFree(partition, memberId))]));
}

function leastLoaded(eligible: readonly Subscriber[], loadOf: (subscriber: Subscriber) => number): Subscriber {
  return eligible.reduce((least, each) => (loadOf(each) < loadOf(least) ? each : least));
}
