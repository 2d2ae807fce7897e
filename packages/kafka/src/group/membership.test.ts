import { systemClock } from "@org/bus-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GroupCoordinator, protocolError } from "../testing/group-coordinator.js";
import { TestMember, Topics } from "../testing/test-member.js";
import { RANGE } from "./group-protocol.js";

const TOPICS = { t: 6 };

describe("Membership", () => {
  let coordinator: GroupCoordinator;
  let members: TestMember[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    coordinator = new GroupCoordinator(systemClock);
    members = [];
  });
  afterEach(() => vi.useRealTimers());

  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const join = async (topics = new Topics(TOPICS)) => {
    const member = new TestMember(coordinator, topics);
    members.push(member);
    await pass(5_000);
    return member;
  };
  /** Every partition has one reader, and readers have as many each. */
  const shares = () => members.map(({ reading }) => reading);
  const expectShared = (each: number) => {
    expect(shares().map((own) => own.length)).toEqual(members.map(() => each));
    expect(shares().flat().toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  };
  /** A member that knows only the range protocol, and owns nothing when it joins. */
  const joinEagerly = (memberId = "") =>
    coordinator.joinGroup({
      groupId: "g",
      memberId,
      sessionTimeout: 60_000,
      rebalanceTimeout: 60_000,
      groupProtocols: [{ name: RANGE.name, metadata: Buffer.from("00000000000100017400000000", "hex") }],
    });

  test("lets members keep what they own while another one joins, and moves only what must move", async () => {
    const first = await join();
    await join();
    expectShared(3);
    expect(first.events).toEqual(["assigned 0 1 2 3 4 5", "revoked 3 4 5", "released 3 4 5"]);
    await join();
    expectShared(2);
    expect(first.events.slice(3)).toEqual(["revoked 2", "released 2"]);
  });

  test("hands nothing over before it is given up, and reads the rest meanwhile", async () => {
    const first = await join();
    const { promise, resolve } = Promise.withResolvers<void>();
    first.drained = promise;
    const second = await join();
    // longer than the session timeout, and others come and go
    await pass(15_000);
    const third = await join();
    await third.close();
    members.pop();
    await pass(5_000);
    // the third member had a share to come, of what was still read
    expect([first.reading, first.leaving, second.reading]).toEqual([[0, 1], [2, 3, 4, 5], []]);
    resolve();
    await pass(5_000);
    expectShared(3);
    expect(first.events.slice(0, 5)).toEqual(["assigned 0 1 2 3 4 5", "revoked 3 4 5", "revoked 2", "released 3 4 5", "released 2"]);
  });

  test("asks again when the request is lost by which the group was to hear of free partitions", async () => {
    const first = await join();
    const { promise, resolve } = Promise.withResolvers<void>();
    first.drained = promise;
    await join();
    coordinator.faults.push({ request: "joinGroup", error: Object.assign(new Error("Closed connection"), { retriable: true }) });
    resolve();
    await pass(5_000);
    expect(coordinator.faults).toEqual([]);
    expectShared(3);
  });

  test("joins again when it has lost, while it joined, what the group waits for it to give up", async () => {
    const first = await join();
    const [leader] = coordinator.memberIds;
    const sync = coordinator.syncGroup.bind(coordinator);
    coordinator.syncGroup = (request) => {
      if (request.memberId === leader) {
        coordinator.syncGroup = sync;
        first.ownership.expelled();
      }
      return sync(request);
    };
    await join();
    expectShared(3);
    expect(first.events.slice(1)).toEqual(["lost 0 1 2 3 4 5", "assigned 0 1 2"]);
  });

  test("hands over what was not given up in time, and takes no commit of it", async () => {
    const first = await join();
    first.drained = new Promise(() => {});
    await join();
    await pass(50_000);
    expectShared(3);
    expect(first.events).toEqual(["assigned 0 1 2 3 4 5", "revoked 3 4 5"]);
  });

  test("gives a partition back in a new epoch when the group assigns it to the same member again while it is given up", async () => {
    const first = await join();
    const { promise, resolve } = Promise.withResolvers<void>();
    first.drained = promise;
    const second = await join();
    await second.close();
    members.pop();
    await pass(5_000);
    expect(first.reading).toEqual([0, 1, 2]);
    resolve();
    await pass(5_000);
    expect(first.reading).toEqual([0, 1, 2, 3, 4, 5]);
    expect(first.events.slice(1)).toEqual(["revoked 3 4 5", "released 3 4 5", "assigned 3 4 5"]);
    expect(new Set(first.ownership.all().map(({ epoch }) => epoch)).size).toBe(2);
  });

  test("gives up everything before it joins a group that cannot do otherwise, and stays alive meanwhile", async () => {
    const eager = await joinEagerly();
    await coordinator.syncGroup({ groupId: "g", memberId: eager.memberId, generationId: 1, groupAssignment: [] });
    const first = new TestMember(coordinator, new Topics(TOPICS));
    members.push(first);
    await pass(2_000);
    const rejoined = joinEagerly(eager.memberId);
    await pass(2_000);
    expect((await rejoined).groupProtocol).toBe("range");
    const { members: known, generationId } = await rejoined;
    const memberId = known.map((member) => member.memberId).find((id) => id !== eager.memberId) ?? "";
    const memberAssignment = Buffer.from("00000000000100017400000002000000000000000500000000", "hex");
    await coordinator.syncGroup({ groupId: "g", memberId: eager.memberId, generationId, groupAssignment: [{ memberId, memberAssignment }] });
    await pass(2_000);
    expect(first.reading).toEqual([0, 5]);

    const { promise, resolve } = Promise.withResolvers<void>();
    first.drained = promise;
    const again = joinEagerly(eager.memberId);
    await pass(15_000);
    expect([first.reading, first.leaving, coordinator.memberIds.length]).toEqual([[], [0, 5], 2]);
    // of the old generation, before it has joined the next
    await first.membership.commit({ topics: [{ topic: "t", partitions: [{ partition: 0, offset: "7", metadata: "" }] }] });
    expect(coordinator.committed.get("t/0")).toBe("7");
    resolve();
    await pass(2_000);
    expect((await again).generationId).toBe(generationId + 1);
    expect(first.events).toEqual(["assigned 0 5", "revoked 0 5", "released 0 5"]);
  });

  test("takes nothing from those who own it when a member comes that knows the range protocol only, as leader", async () => {
    const first = await join();
    const { promise, resolve } = Promise.withResolvers<void>();
    first.drained = promise;
    const eager = joinEagerly();
    await pass(2_000);
    const { memberId, generationId } = await eager;
    const assigned = coordinator.syncGroup({ groupId: "g", memberId, generationId, groupAssignment: [] });
    await pass(2_000);
    // no topic
    expect((await assigned).memberAssignment.readInt32BE(2)).toBe(0);
    expect(coordinator.protocol).toBe("range");
    expect([first.reading.length, first.leaving.length]).toEqual([3, 3]);
    resolve();
    await pass(2_000);
    expect(first.events.at(-1)).toMatch(/^released/);
  });

  test("loses at once what somebody else may have, and joins anew, when the group does not know it any more", async () => {
    const first = await join();
    const [memberId = ""] = coordinator.memberIds;
    coordinator.remove(memberId);
    await pass(5_000);
    expect(first.events).toEqual(["assigned 0 1 2 3 4 5", "lost 0 1 2 3 4 5", "assigned 0 1 2 3 4 5"]);
    expect(coordinator.memberIds).not.toContain(memberId);
  });

  test("learns from a refused commit that it was expelled", async () => {
    const first = await join();
    coordinator.remove(coordinator.memberIds[0] ?? "");
    const commit = first.membership.commit({ topics: [] });
    await expect(commit).rejects.toMatchObject({ type: "UNKNOWN_MEMBER_ID" });
    await pass(0);
    expect(first.events.at(1)).toBe("lost 0 1 2 3 4 5");
  });

  test("keeps what it owns through requests that fail for a while, and looks for its coordinator anew", async () => {
    const first = await join();
    for (const error of [protocolError("NOT_COORDINATOR_FOR_GROUP", true), Object.assign(new Error("closed"), { retriable: true })]) {
      coordinator.faults.push({ request: "heartbeat", error });
    }
    coordinator.faults.push({ request: "joinGroup", error: protocolError("GROUP_LOAD_IN_PROGRESS", true) });
    await join();
    expectShared(3);
    expect(first.events).toEqual(["assigned 0 1 2 3 4 5", "revoked 3 4 5", "released 3 4 5"]);
  });

  test("ends with what will not pass", async () => {
    coordinator.faults.push({ request: "joinGroup", error: protocolError("GROUP_AUTHORIZATION_FAILED") });
    const first = await join();
    expect(first.failure).toMatchObject({ type: "GROUP_AUTHORIZATION_FAILED" });
  });

  test("commits after the join that is out, in its generation", async () => {
    const first = await join();
    const second = new TestMember(coordinator, new Topics(TOPICS));
    members.push(second);
    // the group waits for the first member, whose heartbeat is due
    await pass(500);
    const third = new TestMember(coordinator, new Topics(TOPICS));
    members.push(third);
    const early = second.membership.commit({ topics: [] });
    await pass(10_000);
    await early;
    await first.membership.commit({ topics: [{ topic: "t", partitions: [{ partition: 0, offset: "3", metadata: "" }] }] });
    expect(coordinator.committed.get("t/0")).toBe("3");
    expectShared(2);
  });

  test("assigns partitions that were added to a topic, as leader", async () => {
    const topics = new Topics(TOPICS);
    const first = await join(topics);
    topics.counts.set("t", 8);
    await pass(5_000);
    expect(first.events).toEqual(["assigned 0 1 2 3 4 5", "assigned 6 7"]);
  });

  test("leaves at once, and while it joins", async () => {
    const first = await join();
    const second = await join();
    await second.close();
    members.pop();
    await pass(5_000);
    expect(first.reading).toEqual([0, 1, 2, 3, 4, 5]);
    const third = new TestMember(coordinator, new Topics(TOPICS));
    await pass(0);
    const closed = third.close();
    await pass(5_000);
    await closed;
    expect(coordinator.memberIds.length).toBe(1);
    expect(first.reading).toEqual([0, 1, 2, 3, 4, 5]);
    expect(third.events).toEqual([]);
  });
});
