import type { Clock } from "../../clock.js";
import { BusError } from "../../errors.js";
import type { TopicPartition } from "../record.js";
import { assignSticky, withholdOwned } from "../sticky-assignment.js";
import type { CommittedOffset } from "../transport.js";

/** What brokers allow by default (`offset.metadata.max.bytes`), in characters. */
const maxMetadataLength = 4_096;

/** How the group reaches one member. */
export interface MemberLink {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** The group rebalances: the member must join again. */
  rebalancing(): void;
  /** The group goes on without this member. */
  expelled(): void;
}

export interface JoinResult {
  readonly generation: number;
  readonly partitions: readonly TopicPartition[];
}

interface Member {
  readonly link: MemberLink;
  /** What it was assigned last. */
  assigned: readonly TopicPartition[];
  /** What it said when it joined that it owns. */
  owned: readonly TopicPartition[];
  /** Answers the member, while it waits for the others to join. */
  joined: ((result: JoinResult | undefined) => void) | undefined;
}

/**
 * Coordinates one consumer group. A change of members or partitions starts a rebalance: every member joins again, and says what it owns; when all have,
 * or those who have not are expelled after `rebalanceTimeoutMs`, the next generation begins. What moves is nobody's until its owner has given it up and
 * joined once more.
 */
export class ConsumerGroup {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #rebalanceTimeoutMs: number;
  readonly #partitionsOf: (topic: string) => readonly TopicPartition[];
  readonly #members = new Map<string, Member>();
  readonly #committed = new Map<string, Map<number, CommittedOffset>>();
  #generation = 0;
  #rebalancing = false;
  #cancelTimeout: (() => void) | undefined;

  constructor(name: string, clock: Clock, rebalanceTimeoutMs: number, partitionsOf: (topic: string) => readonly TopicPartition[]) {
    this.#name = name;
    this.#clock = clock;
    this.#rebalanceTimeoutMs = rebalanceTimeoutMs;
    this.#partitionsOf = partitionsOf;
  }

  /**
   * Resolves when the next generation begins; undefined when the member has left or was expelled before.
   *
   * @param generation the one that the member was in last; 0 for a new member
   * @param owned what the member owns, the partitions that it wants to keep first
   */
  join(link: MemberLink, generation: number, owned: readonly TopicPartition[]): Promise<JoinResult | undefined> {
    return new Promise((joined) => {
      const member = this.#members.get(link.memberId);
      if (member === undefined && generation !== 0) return joined(undefined);
      this.#members.set(link.memberId, { link, assigned: member?.assigned ?? [], owned, joined });
      this.rebalance();
      this.#beginIfAllJoined();
    });
  }

  leave(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#members.delete(memberId);
    member.joined?.(undefined);
    this.rebalance();
    this.#beginIfAllJoined();
  }

  /** Ends the membership of a member that seems dead; it hears of it, if it lives. */
  expel(memberId: string): void {
    const member = this.#members.get(memberId);
    this.leave(memberId);
    member?.link.expelled();
  }

  /** Asks all members to join again, unless that is under way. */
  rebalance(): void {
    if (this.#rebalancing || this.#members.size === 0) return;
    this.#rebalancing = true;
    this.#cancelTimeout = this.#clock.schedule(this.#rebalanceTimeoutMs, () => this.#expelLatecomers());
    for (const member of this.#members.values()) if (member.joined === undefined) member.link.rebalancing();
  }

  isSubscribed(topic: string): boolean {
    return this.members().some((member) => member.topics.includes(topic));
  }

  members(): readonly { readonly memberId: string; readonly topics: readonly string[]; readonly partitions: readonly TopicPartition[] }[] {
    return [...this.#members.values()].map(({ link, assigned }) => ({ memberId: link.memberId, topics: link.topics, partitions: assigned }));
  }

  /** @throws {BusError} `fenced`; `transport_failed` when metadata is too long: of those partitions, as on Kafka, nothing is committed */
  commit(memberId: string, generation: number, offsets: readonly (TopicPartition & CommittedOffset)[]): void {
    if (!this.#members.has(memberId) || generation !== this.#generation) {
      throw new BusError(
        "fenced",
        `group ${this.#name} is at generation ${this.#generation} and refuses a commit of ${memberId} in generation ${generation}`,
        {
          details: { group: this.#name },
        },
      );
    }
    this.#write(offsets);
  }

  /**
   * Whoever holds the transactional id commits, whatever member it is of.
   *
   * @throws {BusError} `transport_failed` when metadata is too long; nothing is committed then
   */
  commitInTransaction(offsets: readonly (TopicPartition & CommittedOffset)[]): void {
    const refused = offsets.find(isMetadataTooLong);
    if (refused !== undefined) throw this.#metadataTooLong(refused);
    this.#write(offsets);
  }

  #write(offsets: readonly (TopicPartition & CommittedOffset)[]): void {
    const refused = offsets.find(isMetadataTooLong);
    for (const { topic, partition, offset, metadata } of offsets) {
      if (isMetadataTooLong({ metadata })) continue;
      let ofTopic = this.#committed.get(topic);
      if (ofTopic === undefined) {
        ofTopic = new Map();
        this.#committed.set(topic, ofTopic);
      }
      ofTopic.set(partition, { offset, metadata });
    }
    if (refused !== undefined) throw this.#metadataTooLong(refused);
  }

  #metadataTooLong({ topic, partition, metadata }: TopicPartition & CommittedOffset): BusError {
    return new BusError(
      "transport_failed",
      `commit metadata of ${topic}[${partition}] has ${metadata.length} characters, at most ${maxMetadataLength} are allowed: shorten it`,
      { details: { group: this.#name, topic, partition } },
    );
  }

  committed(topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(topic)?.get(partition);
  }

  forget(topic: string): void {
    this.#committed.delete(topic);
  }

  #expelLatecomers(): void {
    const late = [...this.#members.values()].filter((member) => member.joined === undefined);
    for (const { link } of late) this.expel(link.memberId);
  }

  #beginIfAllJoined(): void {
    const members = [...this.#members.values()];
    if (!this.#rebalancing || members.some((member) => member.joined === undefined)) return;
    this.#cancelTimeout?.();
    this.#rebalancing = false;
    this.#generation += 1;
    const topics = [...new Set(members.flatMap((member) => member.link.topics))].sort();
    const subscribers = members.map(({ link, owned }) => ({ memberId: link.memberId, topics: link.topics, owned }));
    const partitions = topics.flatMap((topic) => this.#partitionsOf(topic));
    const assignment = withholdOwned(assignSticky(subscribers, partitions), subscribers);
    for (const member of members) {
      member.assigned = assignment.get(member.link.memberId) ?? [];
      member.joined?.({ generation: this.#generation, partitions: member.assigned });
      member.joined = undefined;
    }
  }
}

const isMetadataTooLong = ({ metadata }: { readonly metadata: string }): boolean => metadata.length > maxMetadataLength;
