import { describe, expect, it } from "vitest";
import { systemClock } from "../../clock.js";
import { memory } from "../../transport/memory/memory.js";
import type { TopicPartition } from "../../transport/record.js";
import type { CommittedOffset, Transport } from "../../transport/transport.js";
import { TransactionalCommitter } from "./transactional-committer.js";

const assigned = (partition: number, position: number, committed: CommittedOffset | undefined) => ({
  topic: "t",
  partition,
  epoch: 4,
  position,
  committed,
  logStart: 0,
  logEnd: 9,
});

describe("TransactionalCommitter", () => {
  it("reads what is committed after it has fenced the owners before it: until then they go on", async () => {
    const calls: string[] = [];
    const committed: (TopicPartition & CommittedOffset)[] = [
      { topic: "t", partition: 0, offset: 5, metadata: "m" },
      { topic: "t", partition: 1, offset: 2, metadata: "" },
      { topic: "t", partition: 2, offset: 7, metadata: "new" },
    ];
    const inMemory = memory();
    const transport: Transport = {
      ...inMemory,
      admin: {
        ...inMemory.admin,
        committed: async () => {
          calls.push("read");
          return committed;
        },
      },
      createTransactionalProducer: async ({ transactionalId }) => {
        calls.push(transactionalId);
        return { commit: async () => {}, close: async () => void calls.push("closed") };
      },
    };
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const refuse = () => {
      throw new Error("not here");
    };
    const committer = new TransactionalCommitter({
      group: "g.1",
      dependencies: { transport, clock: systemClock, logger },
      onCeiling: refuse,
      onCommitted: refuse,
      onFenced: refuse,
      onRefused: refuse,
    });
    const before = [
      // committed meanwhile
      assigned(0, 3, { offset: 3, metadata: "" }),
      // as it was
      assigned(1, 2, { offset: 2, metadata: "" }),
      // the log begins behind the commit; the map is new
      assigned(2, 8, { offset: 7, metadata: "" }),
      // never committed
      assigned(3, 0, undefined),
    ];
    const after = await committer.takeOver(before);
    expect(after.map(({ position, committed: found }) => [position, found])).toEqual([
      [5, { offset: 5, metadata: "m" }],
      [2, { offset: 2, metadata: "" }],
      [8, { offset: 7, metadata: "new" }],
      [0, undefined],
    ]);
    expect(calls).toEqual(["g_2e1.t.0", "g_2e1.t.1", "g_2e1.t.2", "g_2e1.t.3", "read"]);
    await committer.close();
    expect(calls.slice(5)).toEqual(["closed", "closed", "closed", "closed"]);
  });
});
