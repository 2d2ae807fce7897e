import type { TopicPartition } from "@org/bus-core";
import { check, faultOf, faultType, mayPass, ProtocolFault } from "../client/faults.js";
import type { Answer } from "../client/requests.js";
import { backoffMs, within } from "../client/timing.js";
import { nameOf } from "../client/topic-partitions.js";
import { ASSIGNOR, assign, decodeAssignment, decodeSubscription, encodeSubscription } from "./assignor.js";
import type { Membership, MembershipOptions, OffsetToCommit } from "./membership.js";
import { offsetCommit } from "./offset-commit.js";
import { heartbeatIntervalMs, Pause } from "./pace.js";
import { reportTrouble } from "./trouble.js";

const NO_GENERATION = -1;
const PROTOCOL_TYPE = "consumer";
/** The group has given away what the member held. */
const FENCED = ["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"];
/** The group rebalances, and the member is to join again. */
const REBALANCING = "REBALANCE_IN_PROGRESS";
/** How often the leader looks whether topics have got more partitions. */
const COUNT_PARTITIONS_EVERY_MS = 30_000;
const LEAVE_TIMEOUT_MS = 5_000;

interface Joined {
  readonly generation: number;
  readonly protocolName: string | null;
  /** For all members where this one leads, else empty. */
  readonly assignments: ReadonlyMap<string, Buffer>;
}

/**
 * A member of a group whose members agree among themselves, with the assignor cooperative-sticky (KIP-429). It goes on reading while it joins. An assignment
 * without something that it holds asks it to give that up; nobody gets it before the member has joined again without it.
 */
export class ClassicMembership implements Membership {
  readonly #options: MembershipOptions;
  readonly #pause: Pause;
  #memberId = "";
  /**
   * In which the member commits and beats, and of which it says what it holds. It changes with the join, not with the assignment: what the member held when it
   * joined goes to nobody else in that generation, also when the assignment does not come because the group rebalances again.
   */
  #generation = NO_GENERATION;
  /** What the member said that it holds when it last joined. */
  #claimed: readonly TopicPartition[] = [];
  #assigned: readonly TopicPartition[] = [];
  /** Resolves at the end of the join that is under way. */
  #joining: Promise<void> | undefined;
  #joinWanted = false;
  /** Of the topics of all members, where this one leads. */
  #partitionCounts: ReadonlyMap<string, number> | undefined;
  #countedAt = 0;
  #failures = 0;
  #left = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#pause = new Pause(options.cluster.timing.clock);
  }

  async run(): Promise<void> {
    while (!this.#left) {
      let finish = (): void => {};
      this.#joining = new Promise((resolve) => {
        finish = resolve;
      });
      try {
        await this.#untilDone(() => this.#join());
      } finally {
        this.#joining = undefined;
        finish();
      }
      await this.#stay();
    }
  }

  released(): void {
    // a join that is under way looks at its end at what was released meanwhile
    if (this.#joining !== undefined) return;
    this.#joinWanted = true;
    this.#pause.cut();
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { coordinator, group, tuning } = this.#options;
    const joining = this.#joining;
    // the broker would take it for the commit of somebody who is in no group
    if (this.#generation === NO_GENERATION) throw new ProtocolFault("UNKNOWN_MEMBER_ID", false, "the member is not in its group any more");
    try {
      await offsetCommit(coordinator, { group, memberId: this.#memberId, epoch: this.#generation, instanceId: tuning.instanceId ?? null }, offsets);
    } catch (error) {
      coordinator.failed(error);
      const betweenGenerations = [REBALANCING, "ILLEGAL_GENERATION"].includes(faultType(error));
      if (!betweenGenerations || (joining ?? this.#joining) === undefined) throw error;
      // the group is a step ahead, and what the member still holds then can be committed again
      await joining;
      await this.#joining;
      throw new ProtocolFault(faultType(error), true, "the group has rebalanced meanwhile");
    }
  }

  async leave(): Promise<void> {
    this.#left = true;
    this.#pause.cut();
    const { coordinator, group, tuning, cluster } = this.#options;
    if (tuning.instanceId !== undefined || this.#memberId === "") return;
    const members = [{ memberId: this.#memberId, groupInstanceId: null, reason: "the consumer was closed" }];
    // whatever it fails with, the group notices by itself
    await within(cluster.timing.clock, LEAVE_TIMEOUT_MS, coordinator.request("main", "LeaveGroup", group, members)).catch(() => {});
  }

  /** Repeats what may pass, and forgets a membership that the group has forgotten. */
  async #untilDone(call: () => Promise<void>): Promise<void> {
    const { coordinator, cluster } = this.#options;
    while (!this.#left) {
      try {
        await call();
        this.#failures = 0;
        return;
      } catch (error) {
        if (this.#left) return;
        coordinator.failed(error);
        if (FENCED.includes(faultType(error))) this.#forget();
        else if (faultType(error) !== REBALANCING && !mayPass(error)) throw error;
        const delayMs = backoffMs(this.#failures++, cluster.timing.random);
        if (faultType(error) !== REBALANCING) reportTrouble(this.#options, this.#failures, error, delayMs);
        await this.#pause.sleep(delayMs);
      }
    }
  }

  #forget(): void {
    this.#memberId = "";
    this.#generation = NO_GENERATION;
    this.#assigned = [];
    this.#options.listener.lost();
  }

  async #join(): Promise<void> {
    const { listener, tuning, group, coordinator } = this.#options;
    this.#joinWanted = false;
    const joined = await this.#joinGroup();
    if (joined === undefined || this.#left) return;
    this.#generation = joined.generation;
    const assignments = [...joined.assignments].map(([memberId, assignment]) => ({ memberId, assignment }));
    const { generation, protocolName } = joined;
    const instanceId = tuning.instanceId ?? null;
    const answer = await coordinator.request(
      "join",
      "SyncGroup",
      group,
      generation,
      this.#memberId,
      instanceId,
      PROTOCOL_TYPE,
      protocolName,
      assignments,
    );
    if (this.#left) return;
    check(answer.errorCode);
    this.#assigned = decodeAssignment(answer.assignment);
    listener.assigned(this.#assigned);
    this.#joinWanted ||= this.#releasedMeanwhile();
  }

  async #joinGroup(): Promise<Joined | undefined> {
    const { listener, tuning, group, topics, coordinator } = this.#options;
    this.#claimed = [...listener.owned()];
    const metadata = encodeSubscription({ topics, owned: this.#claimed, generation: this.#generation });
    const answer = await coordinator.request(
      "join",
      "JoinGroup",
      group,
      tuning.sessionTimeoutMs,
      tuning.rebalanceTimeoutMs,
      this.#memberId,
      tuning.instanceId ?? null,
      PROTOCOL_TYPE,
      [{ name: ASSIGNOR, metadata }],
    );
    if (this.#left) return undefined;
    // the first answer only gives the member its name
    if (faultOf(answer.errorCode)?.type === "MEMBER_ID_REQUIRED") {
      this.#memberId = answer.memberId;
      return this.#joinGroup();
    }
    check(answer.errorCode);
    this.#memberId = answer.memberId;
    const { generationId: generation, protocolName = null } = answer;
    const leads = answer.leader === answer.memberId;
    const assignments = leads ? await this.#assignments(answer) : new Map<string, Buffer>();
    if (!leads) this.#partitionCounts = undefined;
    return { generation, protocolName, assignments };
  }

  async #assignments({ members, skipAssignment }: Answer<"JoinGroup">): Promise<ReadonlyMap<string, Buffer>> {
    const subscribers = members.map((member) => decodeSubscription(member.memberId, member.metadata));
    const counts = await this.#countPartitions(new Set(subscribers.flatMap(({ topics }) => topics)));
    this.#partitionCounts = counts;
    // a static member that is back: what was assigned still holds
    return skipAssignment ? new Map() : assign(subscribers, counts);
  }

  async #countPartitions(topics: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const { cluster } = this.#options;
    this.#countedAt = cluster.timing.clock.now();
    const found = await cluster.layout.refresh(topics);
    // one that does not exist has nothing to assign
    return new Map([...found].map(([topic, layout]) => [topic, layout instanceof ProtocolFault ? 0 : layout.leaders.length]));
  }

  /** Whether the group waits for the member to say that it no longer holds something. */
  #releasedMeanwhile(): boolean {
    const kept = new Set([...this.#options.listener.owned(), ...this.#assigned].map(nameOf));
    return this.#claimed.some((claimed) => !kept.has(nameOf(claimed)));
  }

  /** Beats until the member has to join again. */
  async #stay(): Promise<void> {
    const { coordinator, group, tuning } = this.#options;
    while (!this.#left && !this.#joinWanted) {
      await this.#pause.sleep(heartbeatIntervalMs(tuning));
      if (this.#left || this.#joinWanted) return;
      await this.#untilDone(async () => {
        // a membership that was forgotten joins anew
        if (this.#memberId === "") {
          this.#joinWanted = true;
          return;
        }
        const instanceId = tuning.instanceId ?? null;
        const answer = await coordinator.request("main", "Heartbeat", group, this.#generation, this.#memberId, instanceId);
        if (faultOf(answer.errorCode)?.type === REBALANCING) this.#joinWanted = true;
        else check(answer.errorCode);
        if (await this.#hasMorePartitions()) this.#joinWanted = true;
      });
    }
  }

  /** A leader that joins again lets the whole group do so. */
  async #hasMorePartitions(): Promise<boolean> {
    const before = this.#partitionCounts;
    const now = this.#options.cluster.timing.clock.now();
    if (before === undefined || now - this.#countedAt < COUNT_PARTITIONS_EVERY_MS) return false;
    const counts = await this.#countPartitions(new Set(before.keys()));
    return [...counts].some(([topic, count]) => count > (before.get(topic) ?? 0));
  }
}
