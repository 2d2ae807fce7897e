import type { CommittedOffset, Logger, TopicPartition } from "@org/bus-core";
import type { Cluster } from "../client/cluster.js";
import type { Coordinator } from "../client/coordinator.js";
import type { ConsumerTuning } from "../options/options.js";

/** What a membership tells. */
export interface MembershipListener {
  /** What the member holds, given up or not: everything that it was assigned and has not released. */
  owned(): readonly TopicPartition[];
  /**
   * The group wants the member to hold these and no others. What else it holds it still owns, until it has released it: nobody gets it before that.
   */
  assigned(partitions: readonly TopicPartition[]): void;
  /** The group has given away what the member holds. It will be assigned anew. */
  lost(): void;
}

export interface OffsetToCommit extends TopicPartition, CommittedOffset {}

/**
 * The part of a member in a group, over one of the two group protocols of Kafka. Both hand a partition on only when the member that holds it has said that
 * it no longer does, and it says so only when the listener has: that is how a revocation can be waited for.
 */
export interface Membership {
  /** Joins, and takes part until it leaves. Rejects with what ended it. */
  run(): Promise<void>;
  /** The listener has released something. */
  released(): void;
  /**
   * Commits once, in the group's present epoch.
   *
   * @throws {ProtocolFault} the first fault of any of them, `UNKNOWN_MEMBER_ID` and the like when the group has given away what the member held
   * @throws {ConnectionFault}
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>;
  /** Leaves the group at once; of a static member the group keeps the partitions. Never rejects. */
  leave(): Promise<void>;
}

export interface MembershipOptions {
  readonly cluster: Cluster;
  readonly coordinator: Coordinator;
  readonly group: string;
  readonly topics: readonly string[];
  readonly tuning: ConsumerTuning;
  readonly listener: MembershipListener;
  readonly logger: Logger;
  /** For names of members. */
  readonly uniqueId: () => string;
}
