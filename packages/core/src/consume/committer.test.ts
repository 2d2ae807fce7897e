import { describe, expect, it } from "vitest";
import { BusError } from "../errors.js";
import type { CommitRequest } from "../transport/transport.js";
import { Committer } from "./committer.js";
import { PartitionWork } from "./partition-work.js";

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
  return { committer: new Committer(consumer, logger), sent, answers, logged };
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
});
