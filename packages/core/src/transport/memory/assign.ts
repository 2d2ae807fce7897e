import type { TopicPartition } from "../record.js";

/** One member as the assignment sees it. */
export interface Subscriber {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** What it owned before; it keeps as much of it as balance allows. */
  readonly owned: readonly TopicPartition[];
}

interface Seat {
  readonly partition: TopicPartition;
  readonly eligible: readonly Subscriber[];
  owner: Subscriber;
}

/**
 * Gives every partition that somebody subscribed to exactly one owner among its subscribers. Members that may own the same partitions
 * differ by one partition at most; among balanced assignments it prefers what members had. Depends on nothing but its arguments.
 */
export function assignPartitions(subscribers: readonly Subscriber[], partitions: readonly TopicPartition[]): ReadonlyMap<string, TopicPartition[]> {
  const ordered = subscribers.toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const load = new Map(ordered.map((subscriber) => [subscriber, 0]));
  const loadOf = (subscriber: Subscriber) => load.get(subscriber) ?? 0;
  const seats: Seat[] = [];
  const place = (seat: Seat) => {
    seats.push(seat);
    load.set(seat.owner, loadOf(seat.owner) + 1);
  };

  const unowned: Omit<Seat, "owner">[] = [];
  for (const partition of partitions) {
    const eligible = ordered.filter((subscriber) => subscriber.topics.includes(partition.topic));
    const owner = eligible.find((subscriber) => subscriber.owned.some((owned) => isSame(owned, partition)));
    if (owner !== undefined) place({ partition, eligible, owner });
    else if (eligible.length > 0) unowned.push({ partition, eligible });
  }
  for (const seat of unowned) place({ ...seat, owner: leastLoaded(seat.eligible, loadOf) });

  // each move makes the loads more equal, so this ends
  let moved = true;
  while (moved) {
    moved = false;
    for (const seat of seats) {
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

function leastLoaded(eligible: readonly Subscriber[], loadOf: (subscriber: Subscriber) => number): Subscriber {
  return eligible.reduce((least, each) => (loadOf(each) < loadOf(least) ? each : least));
}

function isSame(a: TopicPartition, b: TopicPartition): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}
