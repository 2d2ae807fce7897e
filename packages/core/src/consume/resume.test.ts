import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createLab, Gate, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import type { CommitRequest } from "../transport/transport.js";
import { Committer } from "./commit/committer.js";
import { decodeCompletedMap } from "./ledger/completed-map.js";
import { PartitionWork } from "./partition/partition-work.js";

describe("what an assignment begins with", () => {
  const assignment = fc.record({
    /** How many are received, and how many of them in each fetch. */
    received: fc.nat(60),
    /** Which of them are settled before the last commit, and after it. */
    settledBefore: fc.array(fc.nat(59), { maxLength: 60, size: "max" }),
    settledAfter: fc.array(fc.nat(59), { maxLength: 10 }),
  });
  const log = fc.record({ length: fc.integer({ min: 1, max: 100 }), gaps: fc.uniqueArray(fc.nat(99), { maxLength: 50, size: "max" }) });
  const logger = { debug() {}, info() {}, warn() {}, error() {} };

  it("is exactly what no commit had settled, after any number of assignments of a log with gaps", async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.array(assignment, { minLength: 1, maxLength: 6 }), async ({ length, gaps }, assignments) => {
        const offsets = Array.from({ length }, (_, offset) => offset).filter((offset) => !gaps.includes(offset));
        const done = new Set<number>();
        let committed: CommitRequest | undefined;
        const committer = new Committer(
          {
            commit: async ([request]) => {
              committed = request;
            },
          },
          logger,
        );
        for (const [epoch, { received, settledBefore, settledAfter }] of assignments.entries()) {
          const position = committed?.offset ?? 0;
          const work = new PartitionWork({ topic: "t", partition: 0, epoch, position, committed, logStart: 0, logEnd: length }, () => {});
          const slots = new Map<number, number>();
          for (const offset of offsets.filter((each) => each >= position).slice(0, received)) {
            const slot = work.ledger.receive(offset, 1);
            expect(work.ledger.isSettled(slot)).toBe(done.has(offset));
            slots.set(offset, slot);
          }
          const settle = (picks: readonly number[]) =>
            picks.flatMap((pick) => [...slots].slice(pick, pick + 1)).filter(([, slot]) => work.ledger.settle(slot));
          for (const [offset] of settle(settledBefore)) done.add(offset);
          await committer.commit([work]);
          settle(settledAfter);
          // one that knows no map reads on at the first that is not done, or the end of what was received
          expect(offsets.filter((offset) => offset < (committed?.offset ?? 0) && !done.has(offset))).toEqual([]);
        }
      }),
    );
  });
});

describe("a restart", () => {
  let lab: Lab;
  afterEach(() => lab.close());

  it("does not repeat what was settled behind a message that holds up the commit, after a crash as after a close", async () => {
    lab = await createLab();
    await lab.publish("stuck", ...Array.from({ length: 60 }, (_, index) => `s${index}`));
    const handled: string[] = [];
    const gate = new Gate<string>();
    const handler = async ({ sensor }: Reading) => {
      if (sensor === "stuck") await gate.pass(sensor);
      else handled.push(sensor);
    };
    const member = await lab.member();
    const crashing = member.bus.consume(Reading, { group: "g", commitIntervalMs: 1 }, handler);
    await until(() => handled.length === 60);
    const stuckIn = crashing.explain().partitions.find(({ heldBy }) => heldBy !== undefined)?.partition ?? -1;
    const committed = async () => (await lab.transport.admin.committed("g", ["lab.readings"])).find(({ partition }) => partition === stuckIn);
    const end = (await lab.ends())[stuckIn] ?? -1;
    const settledAll = async () => {
      const commit = await committed();
      return commit !== undefined && decodeCompletedMap(commit.metadata, commit.offset)?.join() === `${commit.offset + 1},${end}`;
    };
    await until(settledAll);
    member.crash();

    const second = lab.bus.consume(Reading, { group: "g", drainTimeoutMs: 1 }, handler);
    await until(() => gate.entered.length === 2);
    await second.close();
    expect(await settledAll()).toBe(true);

    const third = lab.bus.consume(Reading, { group: "g" }, handler);
    gate.open();
    await until(() => gate.entered.length === 3);
    gate.open();
    await until(() => third.explain().partitions.every(({ unsettled }) => unsettled === 0));
    await third.close();
    expect(handled.length).toBe(60);
    expect(await lab.committed("g")).toEqual(await lab.ends());
    expect(lab.logged.filter(({ message }) => message.includes("metadata"))).toEqual([]);
  });

  it("ignores the metadata of another program, and says so in one line", async () => {
    lab = await createLab();
    await lab.publish("a", "b", "c", "d", "e");
    const consumer = lab.transport.createConsumer({ group: "g", topics: ["lab.readings"], from: "earliest", outOfRange: "stop" });
    await consumer.start({
      assigned: (partitions) => consumer.commit(partitions.map((each) => ({ ...each, offset: 0, metadata: "host-7" }))),
      records() {},
      async revoked() {},
      lost() {},
      stopped() {},
    });
    await consumer.close();
    const handled: string[] = [];
    const consumption = lab.bus.consume(Reading, { group: "g" }, ({ sensor }) => {
      handled.push(sensor);
    });
    await until(() => handled.length === 5);
    await consumption.close();
    expect(lab.logged.map(({ message }) => message)).toEqual([
      "the commits of these partitions have metadata of another program, which is ignored and will be overwritten",
    ]);
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });
});
