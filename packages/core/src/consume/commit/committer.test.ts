import { describe, expect, it } from "vitest";
import { BusError } from "../../errors.js";
import type { CommitRequest } from "../../transport/transport.js";
import { decodeCompletedMap, encodeCompletedMap } from "../ledger/completed-map.js";
import { PartitionWork } from "../partition/partition-work.js";
import { Committer } from "./committer.js";

const work = (position: number, committed?: number) =>
  new PartitionWork(
    {
      topic: "t",
      partition: 0,
      epoch: 7,
      position,
      committed: committed === undefined ? undefined : { offset: committed, metadata: "" },
      logStart: 0,
      logEnd: 9,
    },
    () => {},
  );

/** Receives `count` offsets and settles those for which `isSettled` answers true. */
function fill(target: PartitionWork, count: number, isSettled: (index: number) => boolean): void {
  const slots = Array.from({ length: count }, () => target.ledger.receive(target.ledger.frontier + target.ledger.span, 1));
  for (const [index, slot] of slots.entries()) if (isSettled(index)) target.settle(slot);
}

/** A committer whose commits a test answers. */
function committer() {
  const sent: (readonly CommitRequest[])[] = [];
  const answers: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const logged: string[] = [];
  const log = (level: string) => (_: object, message: string) => logged.push(`${level} ${message}`);
  const consumer = {
    commit: (requests: readonly CommitRequest[]) => {
      sent.push(requests);
      return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
    },
  };
  const logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  const ceilings: (number | undefined)[] = [];
  return { committer: new Committer(consumer, logger, ({ ceiling }) => ceilings.push(ceiling)), sent, answers, logged, ceilings };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("Committer", () => {
  it("commits what has advanced, with the epoch of its partition, and nothing twice", async () => {
    const test = committer();
    const advanced = work(3, 3);
    advanced.settle(advanced.ledger.receive(3, 1));
    const first = test.committer.commit([advanced, work(5, 5), work(0)]);
    await turn();
    expect(test.sent).toEqual([[{ topic: "t", partition: 0, epoch: 7, offset: 4, metadata: "" }]]);
    test.answers[0]?.resolve();
    await first;
    expect(advanced.committed).toBe(4);
    await test.committer.commit([advanced]);
    expect(test.sent.length).toBe(1);
  });

  it("has one commit out at a time", async () => {
    const test = committer();
    const one = work(3);
    const first = test.committer.commit([one]);
    one.settle(one.ledger.receive(3, 1));
    const second = test.committer.commit([one]);
    await turn();
    one.settle(one.ledger.receive(4, 1));
    expect(test.sent.map(([request]) => request?.offset)).toEqual([4]);
    test.answers[0]?.resolve();
    await first;
    await turn();
    expect(test.sent.map(([request]) => request?.offset)).toEqual([4, 5]);
    test.answers[1]?.resolve();
    await second;
  });

  it("tries again with the next commit what failed, and says so unless a rebalance was the reason", async () => {
    const test = committer();
    const one = work(3);
    for (const code of ["transport_failed", "fenced"] as const) {
      const commit = test.committer.commit([one]);
      await turn();
      test.answers.at(-1)?.reject(new BusError(code, "no"));
      await commit;
    }
    expect(one.committed).toBeUndefined();
    expect(test.sent.length).toBe(2);
    expect(test.logged).toEqual(["warn a commit failed; the next one will make up for it", "debug a commit came too late"]);
  });

  it("commits a start past the beginning of the log, and nothing of what is fenced", async () => {
    const test = committer();
    const fenced = work(3);
    fenced.fence();
    const commit = test.committer.commit([work(3), work(0), fenced]);
    await turn();
    expect(test.sent).toEqual([[{ topic: "t", partition: 0, epoch: 7, offset: 3, metadata: "" }]]);
    test.answers[0]?.resolve();
    await commit;
  });

  it("writes what is settled beyond the frontier beside it, also when only that has changed", async () => {
    const test = committer();
    const one = work(3, 3);
    fill(one, 10, (index) => index > 5);
    for (const answer of [0, 1]) {
      const commit = test.committer.commit([one]);
      await turn();
      test.answers[answer]?.resolve();
      await commit;
      await test.committer.commit([one]);
      one.settle(one.ledger.headSlot === undefined ? -1 : one.ledger.headSlot + 2);
    }
    expect(test.sent.flat().map(({ offset, metadata }) => [offset, decodeCompletedMap(metadata, offset)])).toEqual([
      [3, [9, 13]],
      [3, [5, 6, 9, 13]],
    ]);
  });

  it("writes nothing for an assignment in which nothing was settled, whatever stands beside its offset", async () => {
    const test = committer();
    const metadata = encodeCompletedMap(3, [5, 7]) ?? "";
    const one = new PartitionWork(
      { topic: "t", partition: 0, epoch: 7, position: 3, committed: { offset: 3, metadata }, logStart: 0, logEnd: 9 },
      () => {},
    );
    fill(one, 4, () => false);
    await test.committer.commit([one]);
    expect(test.sent).toEqual([]);
  });

  it("begins nothing beyond the highest settled offset once the map takes three quarters of the metadata", async () => {
    const test = committer();
    const one = work(0, 0);
    // nothing compresses this
    let state = 1;
    const isSettled = (index: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return index > 0 && state / 2 ** 32 < 0.5;
    };
    fill(one, 18_000, isSettled);
    const commit = async () => {
      const committed = test.committer.commit([one]);
      await turn();
      test.answers.at(-1)?.resolve();
      await committed;
      return test.sent.at(-1)?.[0]?.metadata.length;
    };
    expect(await commit()).toBeLessThan(3_072);
    expect(one.ceiling).toBeUndefined();
    fill(one, 2_000, isSettled);
    expect(await commit()).toBeGreaterThan(3_072);
    const highest = (one.ledger.settledBounds().at(-1) ?? 0) - 1;
    expect(one.ceiling).toBe(highest);
    fill(one, 10_000, isSettled);
    // too much for a commit: written without
    expect(await commit()).toBe(0);
    for (let slot = 0; slot < 20_000; slot++) one.settle(slot);
    expect(await commit()).toBeGreaterThan(100);
    expect(one.ceiling).toBeUndefined();
    expect(test.ceilings).toEqual([highest, expect.any(Number), undefined]);
  });

  it("commits without the map when the cluster refuses the metadata, and says so once", async () => {
    const test = committer();
    const one = work(3, 3);
    fill(one, 10, (index) => index > 5);
    const first = test.committer.commit([one]);
    await turn();
    test.answers[0]?.reject(new BusError("transport_failed", "too large"));
    await turn();
    test.answers[1]?.resolve();
    await first;
    one.settle(0);
    const second = test.committer.commit([one]);
    await turn();
    test.answers[2]?.resolve();
    await second;
    expect(test.sent.flat().map(({ offset, metadata }) => [offset, metadata === ""])).toEqual([
      [3, false],
      [3, true],
      [4, true],
    ]);
    expect(test.logged).toEqual(["warn the cluster refused the metadata of a commit; from now on a restart repeats what is settled beyond it"]);
  });
});
