import type { Transaction, TransactionalProducer } from "@org/bus-core";
import { beforeEach, expect, it } from "vitest";
import { type Fixture, record, text } from "./fixture.js";
import type { Member } from "./member.js";

const timeoutMs = 15_000;

/** Records and offsets that are there together or not at all, and who may write them. */
export function transactionConformance(current: () => Fixture): void {
  const producers: TransactionalProducer[] = [];
  beforeEach(async (context) => {
    context.onTestFinished(async () => {
      for (const producer of producers.splice(0)) await producer.close();
    });
    const { features, createTransactionalProducer } = current().transport;
    // what a transport says of itself has to be true
    expect(createTransactionalProducer === undefined).toBe(!features.transactions);
    context.skip(!features.transactions, "the transport has no transactions");
    current().expectGaps();
  });

  async function producer(transactionalId: string, transport = current().transport): Promise<TransactionalProducer> {
    const created = await transport.createTransactionalProducer?.({ transactionalId, transactionTimeoutMs: 60_000 });
    if (created === undefined) throw new Error("the transport makes no transactional producer");
    producers.push(created);
    return created;
  }
  /** A transaction that writes `values` to a topic, and says in its own group that as many of it are processed. */
  const transaction = (topic: string, values: readonly string[], more: Partial<Transaction> = {}): Transaction => ({
    records: values.map((value) => record(topic, 0, value)),
    group: `${topic}-group`,
    offsets: [{ topic, partition: 0, epoch: 1, offset: values.length, metadata: `${values.length} done` }],
    ...more,
  });
  const read = (topic: string): Promise<Member> => current().join({ group: `${topic}-reader`, topics: [topic] });
  const committed = (topic: string) => current().committed(`${topic}-group`, topic);
  /** A cluster completes in the background what it has decided to commit. */
  const untilCommitted = (topic: string) => expect.poll(() => committed(topic), { timeout: 20_000 });

  it("commits records, in order, and offsets with their metadata", async () => {
    const topic = await current().topic(2);
    const writer = await producer(topic);
    const values = Array.from({ length: 100 }, (_, index) => String(index));
    const records = values.map((value, index) => record(topic, index % 2, value));
    const offsets = [0, 1].map((partition) => ({ topic, partition, epoch: 3, offset: 50 + partition, metadata: "m".repeat(4_096) }));
    await writer.commit({ records, group: `${topic}-group`, offsets }, { timeoutMs });
    await untilCommitted(topic).toEqual(offsets.map(({ partition, offset, metadata }) => ({ partition, offset, metadata })));
    const reader = await read(topic);
    await current().values(reader, 100);
    for (const partition of [0, 1]) {
      const received = reader.received.filter((each) => each.partition === partition).map(({ value }) => Number(text(value)));
      expect(received).toEqual(Array.from({ length: 50 }, (_, index) => index * 2 + partition));
    }
  });

  it("commits one after the other, also without records, and what others write in between is seen too", async () => {
    const topic = await current().topic();
    const writer = await producer(topic);
    const expected: string[] = [];
    for (let round = 0; round < 10; round++) {
      const values = Array.from({ length: round % 3 }, (_, index) => `${round}.${index}`);
      await writer.commit(transaction(topic, values), { timeoutMs });
      await current().write(topic, 0, `between ${round}`);
      expected.push(...values, `between ${round}`);
      await untilCommitted(topic).toMatchObject([{ offset: values.length }]);
    }
    expect(await current().values(await read(topic), expected.length)).toEqual(expected);
  });

  it("puts the position of a reader at the end of the log, past the ends of transactions that it is never told of", async () => {
    const topic = await current().topic();
    const writer = await producer(topic);
    await writer.commit(transaction(topic, ["a", "b"]), { timeoutMs });
    const reader = await read(topic);
    await current().values(reader, 2);
    const owned = reader.current({ topic, partition: 0 });
    const position = () => reader.consumer.position?.(owned);
    const logEnd = async () => (await current().transport.admin.offsets(topic))[0]?.logEnd;
    await expect.poll(async () => position() === (await logEnd()), { timeout: 20_000 }).toBe(true);
    expect(position()).toBeGreaterThanOrEqual(2);
    expect(reader.consumer.position?.({ ...owned, epoch: owned.epoch + 1 })).toBeUndefined();
  });

  it("shows nothing of a transaction with a record that cannot be written, and holds up nobody", async () => {
    const topic = await current().topic();
    const writer = await producer(topic);
    const records = [record(topic, 0, "a"), record(current().uniqueName(), 0, "b")];
    await expect(writer.commit(transaction(topic, ["a"], { records }), { timeoutMs })).rejects.toMatchObject({
      name: "BusError",
      code: "unknown_topic",
      mayHaveBeenWritten: false,
    });
    expect(await committed(topic)).toEqual([]);
    await current().write(topic, 0, "after");
    expect(await current().values(await read(topic), 1)).toEqual(["after"]);
    await writer.close();
    await (await producer(topic)).commit(transaction(topic, ["again"]), { timeoutMs });
    await untilCommitted(topic).toMatchObject([{ offset: 1 }]);
  });

  it("shows nothing of a transaction whose metadata is too long", async () => {
    const topic = await current().topic();
    const writer = await producer(topic);
    const offsets = [{ topic, partition: 0, epoch: 1, offset: 1, metadata: "m".repeat(4_097) }];
    await expect(writer.commit(transaction(topic, ["a"], { offsets }), { timeoutMs })).rejects.toMatchObject({
      retryable: false,
      mayHaveBeenWritten: false,
    });
    expect(await committed(topic)).toEqual([]);
    await current().write(topic, 0, "after");
    expect(await current().values(await read(topic), 1)).toEqual(["after"]);
  });

  it("fences an earlier producer with the id, and not one with another", async () => {
    const topic = await current().topic();
    const [earlier, other] = [await producer(topic), await producer(`${topic}-other`)];
    await earlier.commit(transaction(topic, ["a"]), { timeoutMs });
    const later = await producer(topic, current().otherTransport);
    await expect(earlier.commit(transaction(topic, ["b", "b"]), { timeoutMs })).rejects.toMatchObject({
      name: "BusError",
      code: "fenced",
      mayHaveBeenWritten: false,
    });
    await untilCommitted(topic).toMatchObject([{ offset: 1 }]);
    await other.commit(transaction(topic, ["c", "c", "c"]), { timeoutMs });
    await later.commit(transaction(topic, ["d", "d", "d", "d"]), { timeoutMs });
    expect(await current().values(await read(topic), 8)).toEqual(["a", "c", "c", "c", "d", "d", "d", "d"]);
    await untilCommitted(topic).toMatchObject([{ offset: 4 }]);
  });

  it("lets producers commit side by side, each in its order", async () => {
    const topic = await current().topic();
    const writers = await Promise.all(["x", "y", "z"].map(async (name) => ({ name, writer: await producer(`${topic}-${name}`) })));
    await Promise.all(
      writers.map(async ({ name, writer }) => {
        for (let round = 0; round < 20; round++) await writer.commit(transaction(topic, [`${name}${round}`]), { timeoutMs });
      }),
    );
    const values = await current().values(await read(topic), 60);
    for (const { name } of writers) {
      expect(values.filter((value) => value?.startsWith(name))).toEqual(Array.from({ length: 20 }, (_, round) => `${name}${round}`));
    }
  });

  it("waits on close for the commit that is out, and refuses another with closed", async () => {
    const topic = await current().topic();
    const writer = await producer(topic);
    let settled = false;
    const committing = writer.commit(transaction(topic, ["a"]), { timeoutMs }).finally(() => {
      settled = true;
    });
    await writer.close();
    expect(settled).toBe(true);
    await committing;
    await expect(writer.commit(transaction(topic, ["b"]), { timeoutMs })).rejects.toMatchObject({ name: "BusError", code: "closed" });
    await writer.close();
  });
}
