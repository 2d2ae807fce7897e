import { describe, expect, it } from "vitest";
import { systemClock } from "../../clock.js";
import { BusError } from "../../errors.js";
import { ManualClock } from "../../testing/manual-clock.js";
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

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const nothing = () => {};
const listeners = { onCeiling: nothing, onCommitted: nothing, onFenced: nothing, onRefused: nothing };

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

  describe("when a producer cannot be opened", () => {
    const takeOver = (error: BusError, failures: number) => {
      const clock = new ManualClock();
      const opened: string[] = [];
      let left = failures;
      const transport: Transport = {
        ...memory(),
        createTransactionalProducer: async ({ transactionalId }) => {
          opened.push(transactionalId);
          if (transactionalId === "g.t.1" && left-- > 0) throw error;
          return { commit: async () => {}, close: async () => {} };
        },
      };
      const committer = new TransactionalCommitter({ group: "g", dependencies: { transport, clock, logger, random: () => 0 }, ...listeners });
      const taken = committer.takeOver([assigned(0, 0, undefined), assigned(1, 0, undefined)]);
      taken.catch(() => {});
      return { clock, opened, committer, taken };
    };
    const passing = new BusError("transport_failed", "no coordinator", { retryable: true });

    it("opens that one again while it may pass, and leaves alone those that are open", async () => {
      const { clock, opened, taken } = takeOver(passing, 2);
      await clock.advance(100);
      await clock.advance(200);
      expect((await taken).length).toBe(2);
      expect(opened).toEqual(["g.t.0", "g.t.1", "g.t.1", "g.t.1"]);
    });

    it("gives up after six tries, and at once where no other try makes sense", async () => {
      const passes = takeOver(passing, 10);
      for (const ms of [100, 200, 400, 800, 1_600]) await passes.clock.advance(ms);
      await expect(passes.taken).rejects.toBe(passing);
      expect(passes.opened.filter((id) => id === "g.t.1").length).toBe(6);
      const refusal = new BusError("not_authorized", "user alice may not");
      const refused = takeOver(refusal, 10);
      await expect(refused.taken).rejects.toBe(refusal);
      expect(refused.opened.length).toBe(2);
    });

    it("closes what was being opened when it was closed", async () => {
      const calls: string[] = [];
      const opening = Promise.withResolvers<void>();
      const transport: Transport = {
        ...memory(),
        createTransactionalProducer: async ({ transactionalId }) => {
          await opening.promise;
          return { commit: async () => {}, close: async () => void calls.push(`${transactionalId} closed`) };
        },
      };
      const committer = new TransactionalCommitter({ group: "g", dependencies: { transport, clock: systemClock, logger }, ...listeners });
      const taken = committer.takeOver([assigned(0, 0, undefined), assigned(1, 0, undefined)]);
      await committer.close();
      opening.resolve();
      await expect(taken).rejects.toMatchObject({ code: "closed" });
      expect(calls).toEqual(["g.t.0 closed", "g.t.1 closed"]);
    });

    it("opens nothing any more once it is closed", async () => {
      const { clock, opened, committer, taken } = takeOver(passing, 10);
      await clock.advance(0);
      await committer.close();
      await clock.advance(10_000);
      await expect(taken).rejects.toBe(passing);
      expect(opened.length).toBe(2);
    });
  });
});
