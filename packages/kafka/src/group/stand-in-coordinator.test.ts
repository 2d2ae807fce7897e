import { systemClock, type TopicPartition } from "@org/bus-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { StandInCoordinator } from "./stand-in-coordinator.js";

describe("StandInCoordinator", () => {
  const outOfRange: TopicPartition[] = [];
  let standIn: StandInCoordinator;
  beforeEach(() => {
    vi.useFakeTimers();
    standIn = new StandInCoordinator(systemClock, (partition) => void outOfRange.push(partition));
  });
  afterEach(() => vi.useRealTimers());

  /** What kafkajs does to join. */
  async function takeUp(): Promise<string> {
    const { generationId } = (await standIn.joinGroup()) as { generationId: number };
    const { memberAssignment } = (await standIn.syncGroup({ generationId })) as { memberAssignment: Buffer };
    return memberAssignment.toString("hex");
  }

  test("lets kafkajs join when there is something to fetch, and again when that has changed", async () => {
    const first = takeUp();
    await vi.advanceTimersByTimeAsync(1_000);
    standIn.give([{ topic: "t", partition: 1 }]);
    expect(standIn.isAhead).toBe(true);
    expect(await first).toContain("000174000000010000000100000000");
    expect(standIn.isAhead).toBe(false);
    await standIn.heartbeat();
    standIn.give([{ topic: "t", partition: 2 }]);
    await expect(standIn.heartbeat()).rejects.toMatchObject({ type: "REBALANCE_IN_PROGRESS" });
    expect(await takeUp()).toContain("000174000000010000000200000000");
  });

  test("does not interrupt kafkajs when it knows all that it is given", async () => {
    const [one, two] = [0, 1].map((partition) => ({ topic: "t", partition }));
    if (one === undefined || two === undefined) throw new Error("there are two");
    standIn.give([one, two]);
    await takeUp();
    for (const less of [[two], [], [one]]) standIn.give(less);
    await standIn.heartbeat();
    expect(standIn.isAhead).toBe(false);
  });

  test("does not let kafkajs take up what was replaced while it joined", async () => {
    standIn.give([{ topic: "t", partition: 1 }]);
    const { generationId } = (await standIn.joinGroup()) as { generationId: number };
    standIn.give([{ topic: "t", partition: 0 }]);
    await expect(standIn.syncGroup({ generationId })).rejects.toMatchObject({ type: "REBALANCE_IN_PROGRESS" });
  });

  test("makes kafkajs wait before it joins again for nothing", async () => {
    standIn.give([]);
    await takeUp();
    let joined = false;
    void standIn.joinGroup().then(() => {
      joined = true;
    });
    await vi.advanceTimersByTimeAsync(99);
    expect(joined).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(joined).toBe(true);
  });

  test("ends a join that waits when it is closed", async () => {
    const joined = standIn.joinGroup();
    standIn.close();
    await expect(joined).rejects.toThrow("the consumer is closed");
  });

  test("commits nothing, and tells of offsets that are out of range", async () => {
    await standIn.offsetCommit({ topics: [{ topic: "t", partitions: [{ partition: 2 }] }] });
    expect(outOfRange).toEqual([{ topic: "t", partition: 2 }]);
  });
});
