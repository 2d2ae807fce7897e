import { describe, expect, test } from "vitest";
import { ConnectionFault } from "../client/faults.js";
import type { Answer, Arguments } from "../client/requests.js";
import { CODES, type CodeName, metadataOf, scriptedCluster } from "../testing/scripted-client.js";
import { coordinatorAnswer, membershipOptions, TestMember } from "../testing/test-member.js";
import { ConsumerMembership } from "./consumer-membership.js";

type Heartbeat = Arguments<"ConsumerGroupHeartbeat">;

/** A broker that assigns what the test says, and keeps what it heard: `epoch:partitions`. */
class AssigningBroker {
  readonly member = new TestMember();
  readonly heard: string[] = [];
  readonly commits: string[] = [];
  /** What the next heartbeats are answered with, before `assignment` is. */
  readonly script: (CodeName | ConnectionFault)[] = [];
  readonly commitScript: CodeName[] = [];
  assignment: readonly number[] = [];
  epoch = 1;
  readonly scripted = scriptedCluster({
    Metadata: metadataOf({ t: [1, 1, 1, 1] }),
    FindCoordinator: coordinatorAnswer,
    ConsumerGroupHeartbeat: (_to, ...args) => this.#heartbeat(args),
    OffsetCommit: (_to, _group, epoch, memberId, _instance, topics) => {
      this.commits.push(`${memberId}@${epoch}`);
      const errorCode = CODES[this.commitScript.shift() ?? "NONE"];
      return { throttleTimeMs: 0, topics: topics.map(({ name }) => ({ name, partitions: [{ partitionIndex: 0, errorCode }] })) };
    },
  });
  readonly membership: ConsumerMembership;
  readonly run: Promise<unknown>;

  constructor(instanceId?: string) {
    this.membership = new ConsumerMembership(membershipOptions(this.scripted.cluster, this.member, instanceId));
    this.run = this.membership.run().catch((error: unknown) => error);
  }

  #heartbeat(args: Heartbeat): Answer<"ConsumerGroupHeartbeat"> {
    const [, memberId, memberEpoch, , , , , , , owned] = args;
    this.heard.push(`${memberEpoch}:${(owned ?? []).map((topic) => topic.partitions.join(",")).join()}`);
    const said = this.script.shift() ?? "NONE";
    if (said instanceof ConnectionFault) throw said;
    const failed = said !== "NONE";
    return {
      throttleTimeMs: 0,
      errorCode: CODES[said],
      errorMessage: null,
      memberId,
      memberEpoch: memberEpoch < 0 ? memberEpoch : this.epoch,
      heartbeatIntervalMs: 5_000,
      assignment: failed
        ? null
        : { topicPartitions: [{ topicId: "id-of-t", partitions: [...this.assignment] }].filter((each) => each.partitions.length > 0) },
    };
  }

  advance(ms: number): Promise<void> {
    return this.scripted.clock.advance(ms);
  }
}

const offset = { topic: "t", partition: 0, offset: 5, metadata: "" };

describe("ConsumerMembership", () => {
  test("names a partition that it is to give up in every heartbeat until it has, and then at once no more", async () => {
    const broker = new AssigningBroker();
    broker.assignment = [0, 1];
    await broker.advance(100);
    broker.assignment = [0];
    await broker.advance(12_000);
    expect(broker.heard).toEqual(["0:", "1:0,1", "1:0,1", "1:0,1", "1:0,1"]);
    expect(broker.member.told.slice(0, 2)).toEqual(["assigned t[0] t[1]", "assigned t[0]"]);
    broker.member.release("t[1]");
    broker.membership.released();
    await broker.advance(10);
    expect(broker.heard.at(-1)).toBe("1:0");
  });

  test("asks soon while it has nothing, and takes no empty answer for its assignment before 3 s have passed", async () => {
    const broker = new AssigningBroker();
    await broker.advance(1_000);
    expect(broker.heard.length).toBe(5);
    expect(broker.member.told).toEqual([]);
    broker.assignment = [2];
    await broker.advance(250);
    expect(broker.member.told).toEqual(["assigned t[2]"]);

    const idle = new AssigningBroker();
    await idle.advance(2_900);
    expect(idle.member.told).toEqual([]);
    await idle.advance(300);
    expect(idle.member.told).toEqual(["assigned"]);
    const heard = idle.heard.length;
    await idle.advance(3_000);
    expect(idle.heard.length).toBe(heard + 1);
  });

  test("commits in the epoch of the last answer, and never while a heartbeat is out", async () => {
    const broker = new AssigningBroker();
    broker.assignment = [0];
    await broker.advance(100);
    broker.epoch = 7;
    // the heartbeat that brings the new epoch is sent now
    broker.membership.released();
    await broker.advance(0);
    await broker.scripted.clock.runUntilSettled(broker.membership.commit([offset]));
    expect(broker.commits).toEqual(["member-1@7"]);
  });

  test("has a commit repeated after a heartbeat when the broker is ahead, and refuses one while it is not in the group", async () => {
    const broker = new AssigningBroker();
    const { runUntilSettled } = broker.scripted.clock;
    broker.assignment = [0];
    broker.script.push("FENCED_MEMBER_EPOCH");
    await expect(runUntilSettled(broker.membership.commit([offset]))).rejects.toMatchObject({ type: "UNKNOWN_MEMBER_ID" });
    await broker.advance(200);
    broker.commitScript.push("STALE_MEMBER_EPOCH");
    const heard = broker.heard.length;
    await expect(runUntilSettled(broker.membership.commit([offset]))).rejects.toMatchObject({ type: "STALE_MEMBER_EPOCH", retriable: true });
    await broker.advance(10);
    expect(broker.heard.length).toBe(heard + 1);
  });

  test("loses everything when it is fenced, and joins anew without naming it", async () => {
    const broker = new AssigningBroker();
    broker.assignment = [0, 1];
    await broker.advance(100);
    broker.script.push("FENCED_MEMBER_EPOCH");
    await broker.advance(4_000);
    expect(broker.member.told).toEqual(["assigned t[0] t[1]", "lost", "assigned t[0] t[1]"]);
    expect(broker.heard.slice(0, 3)).toEqual(["0:", "1:0,1", "0:"]);
  });

  test("keeps what it holds while nobody answers, and says all of it again", async () => {
    const broker = new AssigningBroker();
    broker.assignment = [0];
    await broker.advance(100);
    const gone = new ConnectionFault("gone", { sent: true });
    broker.script.push(gone, gone, gone);
    await broker.advance(5_000);
    expect(broker.member.told.every((told) => told === "assigned t[0]")).toBe(true);
    expect(broker.heard.slice(0, 5)).toEqual(["0:", "1:0", "1:0", "1:0", "1:0"]);
  });

  test("leaves for good, and as a static member for a while", async () => {
    for (const [instanceId, epoch] of [
      [undefined, "-1:"],
      ["one", "-2:"],
    ] as const) {
      const broker = new AssigningBroker(instanceId);
      broker.assignment = [0];
      await broker.advance(100);
      const left = broker.membership.leave();
      await broker.advance(10);
      await left;
      expect(broker.heard.at(-1)).toBe(epoch);
      await broker.advance(10_000);
      expect(broker.heard.at(-1)).toBe(epoch);
      expect(await broker.run).toBeUndefined();
    }
  });

  test("ends with what will not pass", async () => {
    const broker = new AssigningBroker();
    broker.script.push("FENCED_INSTANCE_ID");
    await broker.advance(100);
    expect(await broker.run).toMatchObject({ type: "FENCED_INSTANCE_ID" });
  });
});
