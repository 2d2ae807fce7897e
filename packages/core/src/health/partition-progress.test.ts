import { expect, it } from "vitest";
import type { Explanation, PartitionExplanation } from "../consume/consumption.js";
import { PartitionProgress } from "./partition-progress.js";

const partition: PartitionExplanation = {
  topic: "orders",
  partition: 0,
  epoch: 1,
  isDraining: false,
  frontier: 0,
  committed: 0,
  uncommitted: 0,
  position: 0,
  logEnd: 0,
  lag: 0,
  oldestUncommitted: undefined,
  unsettled: 0,
  unsettledBytes: 0,
  offsetSpan: 0,
  credit: { maxUnsettled: 1, maxUnsettledBytes: 1, maxOffsetSpan: 1, maxWaitingPerKey: 1 },
  pausedBy: undefined,
  heldBy: undefined,
};

const stream = (at: Pick<PartitionExplanation, "position" | "logEnd">): Explanation => ({
  group: "g",
  topics: ["orders"],
  state: "running",
  lastFault: undefined,
  inFlight: 0,
  overdue: 0,
  waiting: 0,
  stages: [],
  partitions: [{ ...partition, frontier: at.position, ...at }],
});

it("knows since when what was not fetched is there, and not since when there is always something", () => {
  const progress = new PartitionProgress();
  const behindSince = (now: number, position: number, logEnd: number) => progress.sample(stream({ position, logEnd }), now)[0]?.behindSince;
  expect(behindSince(1_000, 0, 0)).toBeUndefined();
  expect(behindSince(2_000, 0, 10)).toBe(2_000);
  // a part of that, and more has come
  expect(behindSince(3_000, 9, 20)).toBe(2_000);
  // the last of those has been fetched, and what is left has come since
  expect(behindSince(4_000, 10, 30)).toBe(4_000);
  expect(behindSince(5_000, 29, 40)).toBe(4_000);
  expect(behindSince(6_000, 40, 40)).toBeUndefined();
  expect(behindSince(7_000, 40, 41)).toBe(7_000);
});
