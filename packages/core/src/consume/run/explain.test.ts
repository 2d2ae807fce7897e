import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../clock.js";
import { createLab, Gate, type Lab, until } from "../../testing/consume-setup.js";
import { Reading } from "../../testing/reading.js";
import { PartitionWork } from "../partition/partition-work.js";
import { explainPartition } from "./explain.js";

describe("explain", () => {
  let lab: Lab;
  afterEach(() => lab.close());

  it("says what holds up a partition while others progress", async () => {
    lab = await createLab();
    await lab.publish("stuck", "a", "stuck", "b", "stuck", "c");
    const gate = new Gate<number>();
    const consumption = lab.bus.consume(Reading, { group: "g", commitIntervalMs: 1 }, async ({ sensor, celsius }) => {
      if (sensor === "stuck") await gate.pass(celsius);
    });
    await until(() => consumption.explain().inFlight === 1 && consumption.explain().waiting === 2);
    const { group, state, partitions } = consumption.explain();
    expect({ group, state }).toEqual({ group: "g", state: "running" });
    const ends = await lab.ends();
    for (const { partition, frontier, heldBy, logEnd, unsettled, pausedBy } of partitions) {
      expect(pausedBy).toBeUndefined();
      if (heldBy === undefined) expect({ frontier, unsettled }).toEqual({ frontier: ends[partition], unsettled: 0 });
      else {
        expect({ unsettled, logEnd }).toEqual({ unsettled: 3, logEnd: ends[partition] });
        expect(heldBy).toEqual({
          offset: frontier,
          stage: "handler",
          key: "stuck",
          state: "running",
          attempt: 1,
          since: heldBy.since,
          dueAt: undefined,
          lastError: undefined,
          waitingBehind: 2,
        });
        expect(Date.now() - heldBy.since).toBeLessThan(60_000);
      }
    }
    expect(partitions.filter(({ heldBy }) => heldBy !== undefined).length).toBe(1);
    const opening = setInterval(() => gate.open(), 0);
    await until(async () => (await lab.committed("g")).join() === ends.join());
    expect(consumption.explain().partitions.map(({ committed }) => committed ?? 0)).toEqual(ends);
    await consumption.close();
    clearInterval(opening);
    const nothing = { lastFault: undefined, inFlight: 0, overdue: 0, waiting: 0, stages: [], partitions: [] };
    expect(consumption.explain()).toEqual({ group: "g", topics: ["lab.readings"], state: "closed", ...nothing });
  });

  it("tells of a wait between two tries", async () => {
    lab = await createLab();
    await lab.publish("a");
    const failure = { attempts: 3, initialBackoffMs: 1_000_000, maxBackoffMs: 1_000_000 };
    const consumption = lab.bus.consume(Reading, { group: "g", failure }, async () => {
      throw new Error("no luck");
    });
    await until(() => consumption.explain().partitions.some(({ heldBy }) => heldBy?.state === "backoff"));
    const held = consumption.explain().partitions.find(({ heldBy }) => heldBy !== undefined);
    expect(held?.heldBy).toMatchObject({ key: "a", attempt: 1, lastError: "no luck" });
    // nothing is in a handler, so closing does not wait for the next try
    await consumption.close();
    expect(await lab.committed("g")).toEqual([0, 0, 0, 0]);
  });

  it("names the limit that holds back the fetching, which ends when there is room again", async () => {
    lab = await createLab();
    await lab.publish(...Array.from({ length: 1_000 }, () => "hot"));
    const gate = new Gate<number>();
    const credit = { maxUnsettled: 4 * 600 };
    const consumption = lab.bus.consume(Reading, { group: "g", credit }, ({ celsius }) => gate.pass(celsius));
    await until(() => consumption.explain().partitions.some(({ pausedBy }) => pausedBy === "maxUnsettled"));
    await until(() => consumption.explain().waiting === 999);
    let handled = 0;
    const opening = setInterval(() => gate.open(() => ++handled > 0), 0);
    await until(() => consumption.explain().waiting < 400);
    expect(consumption.explain().partitions.map(({ pausedBy }) => pausedBy)).toEqual([undefined, undefined, undefined, undefined]);
    await consumption.close();
    clearInterval(opening);
  });

  it("tells of a key for which too much waits; other partitions go on, and so does its own when less waits", async () => {
    lab = await createLab();
    await lab.publish(...Array.from({ length: 100 }, () => "hot"));
    const gate = new Gate<number>();
    const handled = new Set<string>();
    const consumption = lab.bus.consume(Reading, { group: "g", credit: { maxWaitingPerKey: 20 } }, async ({ sensor, celsius }) => {
      if (sensor === "hot") await gate.pass(celsius);
      handled.add(sensor);
    });
    const hot = () => consumption.explain().partitions.find(({ pausedBy }) => pausedBy === "maxWaitingPerKey");
    await until(() => hot()?.heldBy?.waitingBehind === 99);
    // one fetch brought all of them: what is beyond the limit is counted and kept
    expect(hot()).toMatchObject({ unsettled: 100, offsetSpan: 100, credit: { maxWaitingPerKey: 20, maxUnsettled: 2_500 } });
    await lab.publish(...Array.from({ length: 40 }, (_, index) => `s${index}`));
    const log = await lab.read("lab.readings");
    const others = (isHot: boolean) =>
      log
        .filter(({ partition }) => (partition === hot()?.partition) === isHot)
        .map(({ key }) => Buffer.from(key ?? []).toString())
        .filter((sensor) => sensor !== "hot");
    const [elsewhere, behind] = [others(false), others(true)];
    await until(() => elsewhere.every((sensor) => handled.has(sensor)));
    expect(behind.filter((sensor) => handled.has(sensor))).toEqual([]);
    const opening = setInterval(() => gate.open(), 0);
    await until(() => behind.every((sensor) => handled.has(sensor)));
    await until(() => consumption.explain().partitions.every(({ unsettled }) => unsettled === 0));
    await consumption.close();
    clearInterval(opening);
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });
});

describe("a fetch that is handed on over several turns", () => {
  it("holds back its partition as soon as too much waits for a key", async () => {
    // each look at the time takes some, so that no turn hands on all
    let looks = 0;
    const lab = await createLab({}, { ...systemClock, now: () => systemClock.now() + looks++ });
    await lab.publish(...Array.from({ length: 100 }, () => "hot"));
    const gate = new Gate<number>();
    const consumption = lab.bus.consume(Reading, { group: "g", credit: { maxWaitingPerKey: 20 } }, ({ celsius }) => gate.pass(celsius));
    const heldBack = () => consumption.explain().partitions.find(({ pausedBy }) => pausedBy === "maxWaitingPerKey");
    await until(() => consumption.explain().waiting === 99);
    expect(heldBack()?.unsettled).toBe(100);
    const opening = setInterval(() => gate.open(), 0);
    await until(() => consumption.explain().partitions.every(({ unsettled }) => unsettled === 0));
    clearInterval(opening);
    await lab.close();
  });
});

describe("explainPartition", () => {
  it.each([
    ["one without a commit, from its beginning", { position: 0, committed: undefined }, [0, 2]],
    ["one without a commit, from its end", { position: 7, committed: undefined }, [0, 2]],
    ["one that goes on where it was", { position: 5, committed: 5 }, [0, 2]],
    ["one whose log has lost what comes after the commit", { position: 7, committed: 3 }, [0, 2]],
    ["one whose log ends before the commit", { position: 0, committed: 9 }, [0, 0]],
  ])("counts what is settled and not committed of %s", (_, { position, committed }, expected) => {
    const found = committed === undefined ? undefined : { offset: committed, metadata: "" };
    const work = new PartitionWork({ topic: "t", partition: 0, epoch: 1, position, committed: found, logStart: 0, logEnd: 20 }, () => {});
    const credit = { maxUnsettled: 1, maxUnsettledBytes: 1, maxOffsetSpan: 1, maxWaitingPerKey: 1 };
    const uncommitted = () => explainPartition(work, [], { pausedBy: undefined, credit, position }, 0).uncommitted;
    const before = uncommitted();
    const slots = [0, 1, 2].map((index) => work.ledger.receive(position + index, 1));
    for (const slot of slots.slice(0, 2)) work.settle(slot);
    expect([before, uncommitted()]).toEqual(expected);
    work.committed = position + 2;
    expect(uncommitted()).toBe(0);
  });
});
