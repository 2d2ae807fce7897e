import type { TopicPartition } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { Connection } from "../client/connection.js";
import { isRetriable, protocolError } from "../client/errors.js";
import { decodeAssignment } from "./consumer-protocol.js";
import type { Coordinator, OffsetsToCommit } from "./coordinator.js";
import { assignGroup, COOPERATIVE, describeMember, respectsOwners, topicsOf } from "./group-protocol.js";
import type { TopicMetadata } from "./topic-metadata.js";

/** Whose membership it is: it holds the partitions. */
export interface Owner {
  /** What it owns, the partitions that it wants to keep first. */
  owned(): readonly TopicPartition[];
  /**
   * The group has assigned anew. What the owner has and is not among `partitions` still is its own when `respected`, until it has given it up and the
   * member has joined again; otherwise somebody else may have it already.
   */
  assigned(partitions: readonly TopicPartition[], respected: boolean): void;
  /** Gives up everything. Resolves when nothing is owned any more. */
  giveUpAll(): Promise<void>;
  /** The group does not count this member among its own: nothing is owned any more. */
  expelled(): void;
  /** The membership has ended by itself. */
  failed(error: unknown): void;
}

export interface MembershipOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly connection: Connection;
  readonly coordinator: Coordinator;
  readonly metadata: TopicMetadata;
  readonly owner: Owner;
}

/** Who this member is in one generation of the group. */
interface Identity {
  readonly memberId: string;
  readonly generation: number;
  readonly protocol: string;
  /** For the leader: the partitions that it has divided, by topic. */
  readonly divided: ReadonlyMap<string, number> | undefined;
}

const EXPELLED = ["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"];
/** A coordinator that has just been chosen loads its groups first. */
const QUIET_FAILURES = 5;

/** How often a member says that it is alive: often enough that a rebalance begins soon. */
export function heartbeatIntervalMs(sessionTimeoutMs: number): number {
  return Math.min(1_000, sessionTimeoutMs / 10);
}

/**
 * A member of a group, by the classic protocol: joins, says that it is alive, joins again when the group rebalances, leaves. Requests that fail for
 * the moment are repeated without end; what was owned stays owned until the coordinator says otherwise.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #intervalMs: number;
  #memberId = "";
  #identity: Identity | undefined;
  #wanted = false;
  #wake = new AbortController();
  #left = false;
  #ended: Promise<void> = Promise.resolve();
  /** Resolves when the join that is out has come to its end; commits wait for it, since the coordinator takes nothing else from a connection meanwhile. */
  #joined: Promise<void> = Promise.resolve();

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#intervalMs = heartbeatIntervalMs(options.sessionTimeoutMs);
  }

  start(): void {
    this.#ended = this.#live().catch((error: unknown) => {
      if (!this.#left) this.#options.owner.failed(error);
    });
  }

  /** Makes the group assign anew, by what is owned now. */
  rejoin(): void {
    this.#wanted = true;
    this.#wake.abort();
  }

  /**
   * Commits in the generation of the moment, once. A member that the coordinator does not know is expelled by it.
   *
   * @throws what kafkajs throws, and an error of the protocol where there is no membership
   */
  async commit({ topics }: OffsetsToCommit): Promise<void> {
    await this.#joined;
    const identity = this.#identity;
    if (identity === undefined) throw Object.assign(new Error("the member is not in the group"), { type: "UNKNOWN_MEMBER_ID" });
    const { memberId, generation } = identity;
    try {
      const { group: groupId } = this.#options;
      await this.#options.coordinator.call((broker) => broker.offsetCommit({ groupId, memberId, groupGenerationId: generation, topics }));
    } catch (error) {
      if (EXPELLED.includes(protocolError(error)) && this.#identity === identity) this.#expelled(error);
      throw error;
    }
  }

  /** Leaves the group, if it is in one; waits for a join that is out. Never rejects. */
  async leave(): Promise<void> {
    this.#left = true;
    this.#wake.abort();
    await this.#ended;
    const { group: groupId, coordinator } = this.#options;
    const memberId = this.#memberId;
    this.#memberId = "";
    // one that cannot be told finds out by the silence
    if (memberId !== "") await coordinator.call((broker) => broker.leaveGroup({ groupId, memberId })).catch(() => {});
  }

  async #live(): Promise<void> {
    for (let failures = 0; !this.#left; ) {
      try {
        if (this.#identity === undefined || this.#wanted) await this.#join();
        else await this.#beat();
        failures = 0;
      } catch (error) {
        const type = protocolError(error);
        if (type === "REBALANCE_IN_PROGRESS") this.#wanted = true;
        else if (EXPELLED.includes(type)) this.#expelled(error);
        else if (isRetriable(error)) await this.#waitAfter(failures++, error);
        else throw error;
      }
    }
  }

  async #join(): Promise<void> {
    const { group: groupId, topics, sessionTimeoutMs, rebalanceTimeoutMs, coordinator, owner } = this.#options;
    if (this.#identity !== undefined && this.#identity.protocol !== COOPERATIVE.name) await this.#giveUpAll();
    if (this.#left) return;
    this.#wanted = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#joined = promise;
    try {
      const claimed = owner.owned();
      const groupProtocols = describeMember({ topics, owned: claimed, generation: this.#identity?.generation ?? -1 });
      const request = { groupId, memberId: this.#memberId, sessionTimeout: sessionTimeoutMs, rebalanceTimeout: rebalanceTimeoutMs, groupProtocols };
      const joined = await coordinator.call((broker) => broker.joinGroup(request));
      this.#memberId = joined.memberId;
      const { memberId, generationId, groupProtocol: protocol, members } = joined;
      const divided = joined.leaderId === memberId ? await this.#options.metadata.partitionCounts(topicsOf(members)) : undefined;
      const groupAssignment = divided === undefined ? [] : assignGroup(protocol, members, divided);
      const { memberAssignment } = await coordinator.call((broker) => broker.syncGroup({ groupId, memberId, generationId, groupAssignment }));
      if (this.#left) return;
      this.#identity = { memberId, generation: generationId, protocol, divided };
      const assignment = decodeAssignment(memberAssignment);
      const subscribed = assignment.partitions.filter(({ topic }) => topics.includes(topic));
      owner.assigned(subscribed, respectsOwners(protocol, assignment));
      // what was claimed, is not ours and has been lost meanwhile: nobody would give it up, and the group waits for that
      const kept = new Set([...owner.owned(), ...subscribed].map(nameOf));
      if (protocol === COOPERATIVE.name && claimed.some((partition) => !kept.has(nameOf(partition)))) this.#wanted = true;
    } catch (error) {
      // what was to be told, that partitions are free for one, the group does not know yet
      this.#wanted = true;
      throw error;
    } finally {
      resolve();
    }
  }

  /** One heartbeat, when it is due. */
  async #beat(): Promise<void> {
    await this.#pause(this.#intervalMs);
    if (this.#left || this.#wanted || this.#identity === undefined) return;
    const { divided } = this.#identity;
    if (divided !== undefined && this.#options.metadata.haveChanged(divided)) return this.rejoin();
    await this.#heartbeat();
  }

  /** Under an eager protocol, before a join. The group waits for this member meanwhile, as long as it is heard. */
  async #giveUpAll(): Promise<void> {
    let over = false;
    const given = this.#options.owner.giveUpAll().then(() => {
      over = true;
    });
    while (!over && !this.#left) {
      await Promise.race([given, this.#pause(this.#intervalMs)]);
      if (over || this.#left) return;
      await this.#heartbeat().catch((error: unknown) => {
        if (EXPELLED.includes(protocolError(error))) throw error;
      });
    }
  }

  async #heartbeat(): Promise<void> {
    const { group: groupId, coordinator } = this.#options;
    const identity = this.#identity;
    if (identity === undefined) return;
    const { memberId, generation: groupGenerationId } = identity;
    await coordinator.call((broker) => broker.heartbeat({ groupId, memberId, groupGenerationId }));
  }

  #expelled(error: unknown): void {
    if (protocolError(error) === "UNKNOWN_MEMBER_ID") this.#memberId = "";
    if (this.#identity === undefined) return;
    this.#identity = undefined;
    this.#wake.abort();
    if (!this.#left) this.#options.owner.expelled();
  }

  async #waitAfter(failures: number, error: unknown): Promise<void> {
    const { group, connection } = this.#options;
    if (failures === QUIET_FAILURES)
      connection.logger.warn({ group, error: String(error) }, "the coordinator of the group does not answer; trying on");
    await sleep(connection.clock, connection.backoff.delayMs(failures), this.#signal());
  }

  /** Ends early when there is something to do. */
  #pause(ms: number): Promise<void> {
    return sleep(this.#options.connection.clock, ms, this.#signal());
  }

  #signal(): AbortSignal {
    if (this.#wake.signal.aborted && !this.#left) this.#wake = new AbortController();
    return this.#wake.signal;
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`;
}
