import type { TopicPartition } from "@org/bus-core";
import { check, faultType, mayPass, ProtocolFault } from "../client/faults.js";
import type { Answer } from "../client/requests.js";
import { backoffMs, within } from "../client/timing.js";
import { byTopic } from "../client/topic-partitions.js";
import type { Membership, MembershipOptions, OffsetToCommit } from "./membership.js";
import { offsetCommit } from "./offset-commit.js";
import { OneAtATime } from "./one-at-a-time.js";
import { heartbeatIntervalMs, Pause } from "./pace.js";
import { reportTrouble } from "./trouble.js";

const JOINING = 0;
const LEAVING = -1;
/** A static member that will be back. */
const LEAVING_FOR_A_WHILE = -2;
/** The group has given away what the member held. */
const FENCED = ["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID"];
/** Somebody has the name of this static member, and the group does not know yet that it has gone. */
const NAME_TAKEN = "UNRELEASED_INSTANCE_ID";
/** A broker computes an assignment at most once in a second (KIP-1263), and does not tell: the first answers may be empty. */
const ASKS_SOON_FOR_MS = 3_000;
const ASKS_SOON_EVERY_MS = 200;
const LEAVE_TIMEOUT_MS = 5_000;

/**
 * A member of a group whose broker assigns (KIP-848). Every heartbeat names what the member holds; the broker gives a partition to another member only after
 * a heartbeat without it. Heartbeats are always full: then the broker tells the whole assignment each time, and a lost answer does no harm.
 */
export class ConsumerMembership implements Membership {
  readonly #options: MembershipOptions;
  readonly #memberId: string;
  /** A commit has to carry the epoch that the broker knows, and a heartbeat changes it. */
  readonly #requests = new OneAtATime();
  readonly #pause: Pause;
  readonly #names = new Map<string, string>();
  readonly #topicIds = new Map<string, string>();
  #epoch = JOINING;
  #joinedAt: number | undefined;
  #failures = 0;
  #left = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#memberId = options.uniqueId();
    this.#pause = new Pause(options.cluster.timing.clock);
  }

  async run(): Promise<void> {
    while (!this.#left) {
      const waitMs = await this.#requests.run(() => this.#beat());
      if (waitMs > 0) await this.#pause.sleep(waitMs);
    }
  }

  released(): void {
    this.#pause.cut();
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { coordinator, group, tuning } = this.#options;
    await this.#requests.run(async () => {
      if (this.#epoch === JOINING) throw new ProtocolFault("UNKNOWN_MEMBER_ID", false, "the member is not in its group any more");
      const committer = { group, memberId: this.#memberId, epoch: this.#epoch, instanceId: tuning.instanceId ?? null };
      try {
        await offsetCommit(coordinator, committer, offsets);
      } catch (error) {
        coordinator.failed(error);
        // the answer to a heartbeat was lost, and the next one brings the epoch
        if (faultType(error) === "STALE_MEMBER_EPOCH") {
          this.#pause.cut();
          throw new ProtocolFault("STALE_MEMBER_EPOCH", true, "the epoch of the member has changed meanwhile");
        }
        throw error;
      }
    });
  }

  async leave(): Promise<void> {
    this.#left = true;
    this.#pause.cut();
    const epoch = this.#options.tuning.instanceId === undefined ? LEAVING : LEAVING_FOR_A_WHILE;
    const left = this.#requests.run(() => this.#request(epoch));
    // whatever it fails with, the group notices by itself
    await within(this.#options.cluster.timing.clock, LEAVE_TIMEOUT_MS, left).catch(() => {});
  }

  /** One heartbeat; resolves to the time until the next. */
  async #beat(): Promise<number> {
    if (this.#left) return 0;
    const { coordinator, listener, cluster } = this.#options;
    try {
      const answer = await this.#request(this.#epoch);
      if (this.#left) return 0;
      check(answer.errorCode, answer.errorMessage);
      this.#failures = 0;
      this.#epoch = answer.memberEpoch;
      this.#joinedAt ??= cluster.timing.clock.now();
      const assigned = answer.assignment === null ? undefined : await this.#named(answer.assignment);
      if (this.#left) return 0;
      const settled = assigned === undefined || assigned.length > 0 || listener.owned().length > 0 || !this.#asksSoon();
      if (assigned !== undefined && settled) listener.assigned(assigned);
      return settled ? Math.min(answer.heartbeatIntervalMs, heartbeatIntervalMs(this.#options.tuning)) : ASKS_SOON_EVERY_MS;
    } catch (error) {
      coordinator.failed(error);
      if (FENCED.includes(faultType(error))) {
        this.#epoch = JOINING;
        this.#joinedAt = undefined;
        listener.lost();
      } else if (!mayPass(error) && faultType(error) !== NAME_TAKEN) throw error;
      const delayMs = backoffMs(this.#failures++, cluster.timing.random);
      reportTrouble(this.#options, this.#failures, error, delayMs);
      return delayMs;
    }
  }

  #request(epoch: number): Promise<Answer<"ConsumerGroupHeartbeat">> {
    const { coordinator, group, topics, tuning } = this.#options;
    const instanceId = tuning.instanceId ?? null;
    const owned = epoch > JOINING ? this.#owned() : [];
    return coordinator.request(
      "main",
      "ConsumerGroupHeartbeat",
      group,
      this.#memberId,
      epoch,
      instanceId,
      null,
      tuning.rebalanceTimeoutMs,
      [...topics],
      null,
      null,
      owned,
    );
  }

  #owned(): { topicId: string; partitions: number[] }[] {
    const { listener } = this.#options;
    return [...byTopic(listener.owned())].flatMap(([topic, partitions]) => {
      const topicId = this.#topicIds.get(topic);
      return topicId === undefined ? [] : [{ topicId, partitions: partitions.map(({ partition }) => partition) }];
    });
  }

  /** The broker speaks of topics by their ids; it may know of one a moment before those who describe topics. */
  async #named({ topicPartitions }: NonNullable<Answer<"ConsumerGroupHeartbeat">["assignment"]>): Promise<readonly TopicPartition[]> {
    const { topics, cluster } = this.#options;
    const unknown = topicPartitions.some(({ topicId }) => !this.#names.has(topicId));
    if (unknown) {
      const found = await cluster.layout.refresh(topics);
      for (const topic of found.values()) {
        if (topic instanceof ProtocolFault) continue;
        this.#names.set(topic.topicId, topic.name);
        this.#topicIds.set(topic.name, topic.topicId);
      }
    }
    return topicPartitions.flatMap(({ topicId, partitions }) => {
      const topic = this.#names.get(topicId);
      return topic === undefined ? [] : partitions.map((partition) => ({ topic, partition }));
    });
  }

  #asksSoon(): boolean {
    return this.#options.cluster.timing.clock.now() - (this.#joinedAt ?? 0) < ASKS_SOON_FOR_MS;
  }
}
