import { describe, expect, it } from "vitest";
import { BusError } from "../../errors.js";
import { ManualClock, settled } from "../../testing/manual-clock.js";
import type { CommittedOffset, Transaction } from "../../transport/transport.js";
import { DueCommits } from "../commit/due-commits.js";
import type { CommitCuts } from "../options.js";
import { PartitionWork } from "../partition/partition-work.js";
import { Outbox } from "./outbox.js";
import { Outputs } from "./outputs.js";
import { PartitionTransactions } from "./partition-transactions.js";

const unanswered = new BusError("publish_failed", "no answer", { retryable: true, mayHaveBeenWritten: true });

/** The transactions of a partition that begins at offset 3, on a cluster that a test plays. */
function setup(cuts?: CommitCuts) {
  const clock = new ManualClock();
  const outbox = new Outbox();
  const work = new PartitionWork(
    { topic: "t", partition: 0, epoch: 1, position: 3, committed: { offset: 3, metadata: "" }, logStart: 0, logEnd: 9 },
    () => {},
    outbox,
  );
  const cluster = {
    committed: { offset: 3, metadata: "" } as CommittedOffset | undefined,
    written: [] as Transaction[],
    connections: 1,
    whenConnected: () => {},
    /** What becomes of the next transactions; absent: they succeed. */
    answers: [] as ("lost after" | "lost before" | BusError)[],
  };
  const producer = {
    async commit(transaction: Transaction) {
      const answer = cluster.answers.shift();
      if (answer === "lost before") throw unanswered;
      if (answer instanceof BusError) throw answer;
      cluster.written.push(transaction);
      cluster.committed = transaction.offsets[0];
      if (answer === "lost after") throw unanswered;
    },
    close: async () => {},
  };
  const ends: BusError[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const transactions = new PartitionTransactions(
    {
      system: "memory",
      group: "g",
      work,
      outbox,
      due: new DueCommits(() => {}, cuts),
      clock,
      logger,
      random: () => 0,
      connect: async () => {
        cluster.connections++;
        cluster.whenConnected();
        return producer;
      },
      readCommitted: async () => cluster.committed && { offset: cluster.committed.offset, metadata: cluster.committed.metadata },
      onCommitted: () => {},
      onFenced: (error) => ends.push(error),
      onRefused: (error) => ends.push(error),
    },
    producer,
  );
  const settle = (slot: number) => {
    const outputs = new Outputs();
    outputs.publish({}, { topic: "out", partition: 0, key: null, value: Buffer.from(String(slot)), headers: {}, timestamp: 1 });
    work.settle(slot, 3 + slot, outputs);
  };
  for (let offset = 3; offset < 9; offset++) work.ledger.receive(offset, 1);
  const values = () => cluster.written.map(({ records }) => records.map(({ value }) => String(value)).join(""));
  return { clock, work, cluster, transactions, settle, values, ends, outbox };
}

describe("PartitionTransactions", () => {
  it("keeps back what lies behind the last offset at which the log can go on: it would come again, and be there twice", async () => {
    const { transactions, settle, values, cluster } = setup({ at: (frontier) => frontier - (frontier % 3) });
    for (const slot of [0, 1, 2, 3]) settle(slot);
    await transactions.commit();
    expect([values(), cluster.committed?.offset]).toEqual([["012"], 6]);
    for (const slot of [4, 5]) settle(slot);
    await transactions.commit();
    expect([values(), cluster.committed?.offset]).toEqual([["012", "345"], 9]);
  });

  it("writes what is settled with the offset that says so, beyond the frontier too, and nothing when nothing is", async () => {
    const { transactions, settle, values, cluster, outbox } = setup();
    await transactions.commit();
    expect(cluster.written).toEqual([]);
    settle(2);
    settle(4);
    await transactions.commit();
    settle(0);
    await transactions.commit();
    expect(values()).toEqual(["24", "0"]);
    expect(cluster.written.map(({ offsets }) => offsets[0]?.offset)).toEqual([3, 4]);
    expect([outbox.count, outbox.bytes]).toEqual([0, 0]);
  });

  it.each([
    ["lost before", ["0", "1"]],
    ["lost after", ["0", "1"]],
  ] as const)("writes a transaction once whose answer was %s the cluster acted", async (answer, expected) => {
    const { transactions, settle, values, cluster, clock, work } = setup();
    cluster.answers.push(answer);
    settle(0);
    const first = transactions.commit();
    await settled();
    settle(1);
    await clock.advance(100);
    await first;
    await transactions.commit();
    expect(values()).toEqual(expected);
    expect(cluster.connections).toBe(2);
    expect(work.committed).toBe(5);
  });

  it("writes what was settled while a transaction failed before the partition moves away", async () => {
    const { transactions, settle, values, cluster, clock, work } = setup();
    cluster.answers.push("lost before", "lost before");
    settle(0);
    const failing = transactions.commit();
    await settled();
    settle(1);
    void work.drain();
    await clock.advance(100);
    await failing;
    await transactions.commit();
    expect(values()).toEqual(["0", "1"]);
    expect(work.committed).toBe(5);
  });

  it("writes nothing when the partition has moved away while a producer connected", async () => {
    const { transactions, settle, values, cluster, clock, work } = setup();
    cluster.answers.push("lost before");
    settle(0);
    const failing = transactions.commit();
    await settled();
    cluster.whenConnected = () => work.fence();
    await clock.advance(100);
    await failing;
    expect(cluster.connections).toBe(2);
    expect(values()).toEqual([]);
  });

  it("gives the partition up when another member has committed meanwhile, and writes nothing any more", async () => {
    const { transactions, settle, values, cluster, clock, ends } = setup();
    cluster.answers.push("lost before");
    settle(0);
    const commit = transactions.commit();
    await settled();
    cluster.committed = { offset: 7, metadata: "" };
    await clock.advance(100);
    await commit;
    expect(values()).toEqual([]);
    expect(ends).toMatchObject([{ code: "fenced", message: "t[0] was committed at 7 by another member, after 3 by this one" }]);
  });

  it("gives the partition up when it is fenced", async () => {
    const { transactions, settle, cluster, ends } = setup();
    cluster.answers.push(new BusError("fenced", "a later producer"));
    settle(0);
    await transactions.commit();
    expect(ends).toMatchObject([{ code: "fenced" }]);
  });

  it("writes only what lies below the frontier when the cluster takes no metadata, and the rest when that has come so far", async () => {
    const { transactions, settle, values, cluster, clock, ends } = setup();
    cluster.answers.push(new BusError("transport_failed", "too large"));
    settle(0);
    settle(2);
    const commit = transactions.commit();
    await settled();
    await clock.advance(100);
    await commit;
    expect(values()).toEqual(["0"]);
    expect(cluster.committed).toMatchObject({ offset: 4, metadata: "" });
    settle(1);
    await transactions.commit();
    expect(values()).toEqual(["0", "21"]);
    expect(ends).toEqual([]);
  });

  it("tells what will never be written", async () => {
    const { transactions, settle, cluster, ends } = setup();
    cluster.answers.push(new BusError("record_too_large", "too large"));
    settle(0);
    await transactions.commit();
    expect(ends).toMatchObject([{ code: "record_too_large", message: "the transaction of t[0] up to offset 4 was refused: too large" }]);
  });

  it("tries no longer once the partition is about to move away", async () => {
    const { transactions, settle, cluster, work, values } = setup();
    cluster.answers.push("lost before");
    settle(0);
    work.close();
    await transactions.commit();
    expect(values()).toEqual([]);
    await transactions.close();
  });
});
