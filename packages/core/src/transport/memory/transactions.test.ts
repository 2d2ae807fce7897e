import { describe, expect, it } from "vitest";
import { ManualClock } from "../../testing/manual-clock.js";
import { createMemoryBroker } from "./broker.js";
import { memory } from "./memory.js";
import { PartitionLog } from "./partition-log.js";
import { TransactionCoordinator } from "./transactions.js";

const record = (value: string) => ({ topic: "t", partition: 0, key: null, value: Buffer.from(value), headers: {}, timestamp: 1 });
const values = (log: PartitionLog) => log.read(0, 100).map(({ offset, value }) => `${offset}${Buffer.from(value ?? [])}`);

function cluster() {
  const clock = new ManualClock();
  const coordinator = new TransactionCoordinator(clock);
  const log = new PartitionLog("t", 0);
  const write = (producer: ReturnType<typeof coordinator.init>, value: string) =>
    coordinator.write(producer, [{ record: record(value), log }], 1_000);
  return { clock, coordinator, log, write };
}

describe("TransactionCoordinator", () => {
  it("keeps from view what is open, and everything behind the first of it", () => {
    const { coordinator, log, write } = cluster();
    const [one, two] = [coordinator.init("one"), coordinator.init("two")];
    log.append(record("a"));
    write(one, "b");
    write(two, "c");
    log.append(record("d"));
    expect([values(log), log.stableEnd, log.logEnd]).toEqual([["0a"], 1, 4]);
    coordinator.commit(two, [], () => {});
    expect(values(log)).toEqual(["0a"]);
    coordinator.abort(one);
    // markers take the offsets 4 and 5
    log.append(record("e"));
    expect([values(log), log.stableEnd]).toEqual([["0a", "2c", "3d", "6e"], 7]);
  });

  it("aborts what an earlier producer with the id has left open, and refuses what it still does", () => {
    const { coordinator, log, write } = cluster();
    const earlier = coordinator.init("one");
    write(earlier, "a");
    const later = coordinator.init("one");
    expect(log.stableEnd).toBe(2);
    expect(() => write(earlier, "b")).toThrow("a later producer has the transactional id one");
    expect(() => coordinator.commit(earlier, [], () => {})).toThrow(expect.objectContaining({ code: "fenced" }));
    write(later, "c");
    coordinator.abort(earlier);
    coordinator.commit(later, [], () => {});
    expect(values(log)).toEqual(["2c"]);
  });

  it("commits nothing when the offsets are refused", () => {
    const { coordinator, log, write } = cluster();
    const producer = coordinator.init("one");
    write(producer, "a");
    const refuse = () => {
      throw new Error("no");
    };
    expect(() => coordinator.commit(producer, [], refuse)).toThrow("no");
    expect(values(log)).toEqual([]);
  });

  it("aborts the transaction of a producer that has gone silent, and fences it", async () => {
    const { clock, coordinator, log, write } = cluster();
    const producer = coordinator.init("one");
    write(producer, "a");
    await clock.advance(999);
    expect(log.stableEnd).toBe(0);
    await clock.advance(1);
    expect(log.stableEnd).toBe(2);
    expect(() => coordinator.commit(producer, [], () => {})).toThrow(expect.objectContaining({ code: "fenced" }));
    expect(values(log)).toEqual([]);
  });
});

describe("a transactional producer in memory", () => {
  const options = { transactionalId: "one", transactionTimeoutMs: 1_000 };
  const transaction = { records: [record("a")], group: "g", offsets: [{ topic: "t", partition: 0, epoch: 1, offset: 5, metadata: "" }] };

  it.each([
    ["write", "before", false, false],
    ["write", "after", false, false],
    ["commit", "before", false, false],
    ["commit", "after", true, true],
  ] as const)("whose %s fails %s the cluster acts says so, and may be there: %s", async (step, fail, mayHaveBeenWritten, isThere) => {
    const transport = memory({ faults: { transaction: (call) => (call.step === step ? { fail } : undefined) } });
    await transport.admin.createTopics([{ name: "t", partitions: 1, cleanup: "delete" }]);
    const producer = await transport.createTransactionalProducer?.(options);
    await expect(producer?.commit(transaction, { timeoutMs: 1_000 })).rejects.toMatchObject({ retryable: true, mayHaveBeenWritten });
    expect(transport.broker.records("t").length).toBe(isThere ? 1 : 0);
    expect((await transport.admin.committed("g", ["t"])).length).toBe(isThere ? 1 : 0);
    const log = transport.broker.log("t", 0);
    expect(log?.stableEnd).toBe(log?.logEnd);
  });

  it("leaves a transaction open when its process crashes, until a successor begins", async () => {
    const broker = createMemoryBroker();
    const crashing = memory({ broker, faults: { transaction: ({ step }) => (step === "commit" ? { delayMs: 10 } : undefined) } });
    await crashing.admin.createTopics([{ name: "t", partitions: 1, cleanup: "delete" }]);
    const producer = await crashing.createTransactionalProducer?.(options);
    void producer?.commit(transaction, { timeoutMs: 1_000 });
    const log = broker.log("t", 0);
    while (log?.logEnd === 0) await new Promise((resolve) => setImmediate(resolve));
    crashing.crash();
    expect([log?.stableEnd, log?.logEnd]).toEqual([0, 1]);
    const successor = await memory({ broker }).createTransactionalProducer?.(options);
    expect(log?.stableEnd).toBe(2);
    await successor?.commit(transaction, { timeoutMs: 1_000 });
    expect(broker.records("t").map(({ offset }) => offset)).toEqual([2]);
  });
});
