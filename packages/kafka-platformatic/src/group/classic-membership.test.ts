import type { Claimant } from "@org/bus-core/internal";
import { describe, expect, test } from "vitest";
import { nameOf } from "../client/topic-partitions.js";
import { CODES, type CodeName, metadataOf, scriptedCluster } from "../testing/scripted-client.js";
import { coordinatorAnswer, membershipOptions, partitions, TestMember } from "../testing/test-member.js";
import { assign, decodeSubscription, encodeSubscription } from "./assignor.js";
import { ClassicMembership } from "./classic-membership.js";

const NO_GENERATION = -1;

/** A group whose other members the test plays; it keeps what the member claims when it joins: `generation:partitions`. */
class Group {
  readonly member = new TestMember();
  readonly claims: string[] = [];
  readonly commits: number[] = [];
  readonly left: string[] = [];
  readonly heartbeats: CodeName[] = [];
  readonly syncs: CodeName[] = [];
  readonly commitScript: CodeName[] = [];
  /** The member that leads; when it is ours, it assigns. */
  leader = "other";
  others: readonly Claimant[] = [];
  assignment: readonly number[] = [];
  /** What the leader last assigned, by member. */
  assigned = new Map<string, Buffer>();
  partitionCount = 4;
  generation = 0;
  /** Holds the answers to joins. */
  joinGate: Promise<void> = Promise.resolve();
  readonly scripted = scriptedCluster({
    Metadata: (to, ...args) => metadataOf({ t: Array.from({ length: this.partitionCount }, () => 1) })(to, ...args),
    FindCoordinator: coordinatorAnswer,
    JoinGroup: async (_to, _group, _session, _rebalance, memberId, _instance, _type, protocols) => {
      const base = { throttleTimeMs: 0, protocolType: "consumer", protocolName: "cooperative-sticky", skipAssignment: false, members: [] };
      if (memberId === "")
        return { ...base, errorCode: CODES.MEMBER_ID_REQUIRED, generationId: -1, leader: "", memberId: `member-${++this.#members}` };
      const metadata = protocols[0]?.metadata ?? Buffer.alloc(0);
      const { owned, generation } = decodeSubscription(memberId, metadata);
      this.claims.push(`${generation}:${owned.map(({ partition }) => partition).join()}`);
      await this.joinGate;
      const all = [...this.others.map((other) => ({ memberId: other.memberId, metadata: encodeSubscription(other) })), { memberId, metadata }];
      const leader = this.leader === "ours" ? memberId : this.leader;
      return { ...base, errorCode: 0, generationId: ++this.generation, leader, memberId, members: leader === memberId ? all : [] };
    },
    SyncGroup: (_to, _group, _generation, memberId, _instance, _type, _protocol, assignments) => {
      const said = this.syncs.shift() ?? "NONE";
      this.assigned = new Map(assignments.map((each) => [each.memberId, each.assignment]));
      const own = this.assigned.get(memberId) ?? this.#encode(memberId);
      return {
        throttleTimeMs: 0,
        errorCode: CODES[said],
        protocolType: null,
        protocolName: null,
        assignment: said === "NONE" ? own : Buffer.alloc(0),
      };
    },
    Heartbeat: () => ({ throttleTimeMs: 0, errorCode: CODES[this.heartbeats.shift() ?? "NONE"] }),
    LeaveGroup: (_to, _group, members) => {
      this.left.push(...members.map(({ memberId }) => memberId));
      return { throttleTimeMs: 0, errorCode: 0, members: [] };
    },
    OffsetCommit: (_to, _group, generation, _memberId, _instance, topics) => {
      this.commits.push(generation);
      const errorCode = CODES[this.commitScript.shift() ?? "NONE"];
      return { throttleTimeMs: 0, topics: topics.map(({ name }) => ({ name, partitions: [{ partitionIndex: 0, errorCode }] })) };
    },
  });
  readonly membership: ClassicMembership;
  readonly run: Promise<unknown>;
  #members = 0;

  constructor(instanceId?: string) {
    this.membership = new ClassicMembership(membershipOptions(this.scripted.cluster, this.member, instanceId));
    this.run = this.membership.run().catch((error: unknown) => error);
  }

  advance(ms: number): Promise<void> {
    return this.scripted.clock.advance(ms);
  }

  /** An assignment of the partitions that the test wants the member to have. */
  #encode(memberId: string): Buffer {
    const own: Claimant = { memberId, topics: ["t"], owned: partitions(...this.assignment), generation: 0 };
    const rest = Array.from({ length: this.partitionCount }, (_, partition) => partition).filter((partition) => !this.assignment.includes(partition));
    const other: Claimant = { memberId: "rest", topics: ["t"], owned: partitions(...rest), generation: 0 };
    const isAlone = rest.length === 0;
    const assigned = assign(isAlone ? [own] : [own, other], new Map([["t", this.partitionCount]]));
    return assigned.get(memberId) ?? Buffer.alloc(0);
  }
}

const offset = { topic: "t", partition: 0, offset: 5, metadata: "" };

describe("ClassicMembership", () => {
  test("joins without what it was to give up only when that has been let go of, and beats meanwhile", async () => {
    const group = new Group();
    group.assignment = [0, 1, 2, 3];
    await group.advance(100);
    expect([group.claims, group.member.told]).toEqual([["-1:"], ["assigned t[0] t[1] t[2] t[3]"]]);
    group.assignment = [0, 1];
    group.heartbeats.push("REBALANCE_IN_PROGRESS");
    await group.advance(20_000);
    expect(group.claims).toEqual(["-1:", "1:0,1,2,3"]);
    expect(group.member.told.at(-1)).toBe("assigned t[0] t[1]");
    group.member.release("t[2]", "t[3]");
    group.membership.released();
    await group.advance(100);
    expect(group.claims).toEqual(["-1:", "1:0,1,2,3", "2:0,1"]);
  });

  test("claims what it still lets go of when the group rebalances meanwhile, and joins once more when that was let go of during the join", async () => {
    const group = new Group();
    group.assignment = [0, 1, 2, 3];
    await group.advance(100);
    group.assignment = [0, 1];
    group.heartbeats.push("REBALANCE_IN_PROGRESS", "REBALANCE_IN_PROGRESS");
    let open = (): void => {};
    await group.advance(4_000);
    group.joinGate = new Promise((resolve) => {
      open = resolve;
    });
    await group.advance(4_000);
    expect(group.claims).toEqual(["-1:", "1:0,1,2,3", "2:0,1,2,3"]);
    group.member.release("t[2]", "t[3]");
    group.membership.released();
    open();
    await group.advance(100);
    expect(group.claims.slice(3)).toEqual(["3:0,1"]);
  });

  test("claims what it holds in the generation of its last join, also when the assignment did not come", async () => {
    const group = new Group();
    group.assignment = [0, 1];
    await group.advance(100);
    group.heartbeats.push("REBALANCE_IN_PROGRESS");
    group.syncs.push("REBALANCE_IN_PROGRESS");
    await group.advance(4_000);
    expect(group.claims).toEqual(["-1:", "1:0,1", "2:0,1"]);
    expect(group.member.told).not.toContain("lost");
  });

  test.each(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"] as const)("loses everything on %s, and joins anew without claiming it", async (code) => {
    const group = new Group();
    group.assignment = [0, 1];
    await group.advance(100);
    group.heartbeats.push(code);
    await group.advance(4_000);
    expect(group.member.told).toEqual(["assigned t[0] t[1]", "lost", "assigned t[0] t[1]"]);
    expect(group.claims).toEqual(["-1:", "-1:"]);
  });

  test("assigns when it leads, to all and by what each holds", async () => {
    const group = new Group();
    group.leader = "ours";
    group.others = [{ memberId: "other", topics: ["t"], owned: partitions(2, 3), generation: NO_GENERATION }];
    await group.advance(100);
    expect(group.member.told).toEqual(["assigned t[0] t[1]"]);
    expect([...group.assigned.keys()].toSorted()).toEqual(["member-1", "other"]);
  });

  test("joins again as the leader when a topic has got more partitions", async () => {
    const group = new Group();
    group.leader = "ours";
    await group.advance(100);
    group.partitionCount = 6;
    await group.advance(40_000);
    expect(group.member.told.at(-1)).toBe(`assigned ${partitions(0, 1, 2, 3, 4, 5).map(nameOf).join(" ")}`);
    const joins = group.claims.length;
    await group.advance(100_000);
    expect(group.claims.length).toBe(joins);
  });

  test("waits with a commit that meets a rebalance until the member has joined", async () => {
    const group = new Group();
    group.assignment = [0];
    await group.advance(100);
    let open = (): void => {};
    group.joinGate = new Promise((resolve) => {
      open = resolve;
    });
    group.heartbeats.push("REBALANCE_IN_PROGRESS");
    await group.advance(4_000);
    group.commitScript.push("ILLEGAL_GENERATION");
    let settled = false;
    const commit = group.membership
      .commit([offset])
      .catch((error: unknown) => error)
      .finally(() => {
        settled = true;
      });
    await group.advance(1_000);
    expect(settled).toBe(false);
    open();
    await group.advance(100);
    expect(await commit).toMatchObject({ type: "ILLEGAL_GENERATION", retriable: true });
    await group.scripted.clock.runUntilSettled(group.membership.commit([offset]));
    expect(group.commits).toEqual([1, 2]);
  });

  test("commits nothing before it has joined: a coordinator would take that as the commit of somebody without a group", async () => {
    const group = new Group();
    await expect(group.membership.commit([offset])).rejects.toMatchObject({ type: "UNKNOWN_MEMBER_ID" });
    expect(group.commits).toEqual([]);
  });

  test("leaves the group, and as a static member does not", async () => {
    for (const [instanceId, left] of [
      [undefined, ["member-1"]],
      ["one", []],
    ] as const) {
      const group = new Group(instanceId);
      await group.advance(100);
      await group.scripted.clock.runUntilSettled(group.membership.leave());
      expect(group.left).toEqual(left);
      expect(await group.run).toBeUndefined();
    }
  });

  test("ends with what will not pass", async () => {
    const group = new Group();
    await group.advance(100);
    group.heartbeats.push("FENCED_INSTANCE_ID");
    await group.advance(4_000);
    expect(await group.run).toMatchObject({ type: "FENCED_INSTANCE_ID" });
  });
});
