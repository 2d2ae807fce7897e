import { BusError, type Consumption, createBus, createMemoryBroker, type MemoryBroker, type MemoryFaults, memory } from "@org/bus-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { Invoice, Order } from "../../../test/support/json-contract.js";
import { fixture, orders } from "../test/fixture.js";
import { watchedTransport } from "../test/watched-transport.js";
import { batchMessages, flatMapMessages, mapKeyed, mapMessages, publishTo, stream } from "./index.js";

const quick = { maxWaitMs: 2, maxMessages: 7 };
const invoice = (order: Order): Invoice => ({ ...order, due: "tomorrow" });
const decode = (record: { readonly value: Uint8Array | null }) => JSON.parse(new TextDecoder().decode(record.value ?? undefined)) as Invoice;
const seededRandom = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** What the readers of a topic see. */
const read = (broker: MemoryBroker, topic: string) => broker.records(topic).map(decode);
const amounts = (invoices: readonly Invoice[]) => invoices.map(({ amount }) => amount).sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const allCommitted = async (transport: Awaited<ReturnType<typeof fixture>>["transport"]) => {
  const committed = await transport.admin.committed("g", ["orders"]);
  return (await transport.admin.offsets("orders")).every(
    ({ partition, logEnd }) => (committed.find((each) => each.partition === partition)?.offset ?? 0) === logEnd,
  );
};
const until = async (holds: () => boolean | Promise<boolean>) => {
  while (!(await holds())) await new Promise(setImmediate);
};

async function cluster(faults: MemoryFaults = {}) {
  const broker = createMemoryBroker({ sessionTimeoutMs: 20 });
  const transport = memory({ broker, faults });
  return { broker, ...(await fixture({ transport })) };
}

describe("exactlyOnce", () => {
  test("writes what a message leads to, its dead letter or its offset together, in the order of its key", async () => {
    const { broker, bus, transport } = await cluster();
    await bus.publishAll(
      Order,
      orders(300, (index) => `order-${index % 20}`),
    );
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 1 } })
      .exactlyOnce(quick)
      .pipe(
        mapKeyed(async (order) => {
          await new Promise((resolve) => setTimeout(resolve, order.amount % 3));
          return invoice(order);
        }),
        publishTo(Invoice, { headers: { first: "yes" } }),
        mapMessages((order) => {
          if (order.amount % 50 === 7) throw new Error("too late: it was published");
          return { ...order, id: `${order.id} again` };
        }),
        publishTo(Invoice),
      )
      .run();
    await until(() => allCommitted(transport));
    await consumption.close();
    const failed = upTo(300).filter((amount) => amount % 50 === 7);
    const invoices = read(broker, "invoices");
    expect(amounts(invoices)).toEqual(upTo(300).flatMap((amount) => (failed.includes(amount) ? [] : [amount, amount])));
    expect(amounts(broker.records("orders.g.dlq").map(decode))).toEqual(failed);
    for (const id of new Set(invoices.map((each) => each.id))) {
      const ofKey = invoices.filter((each) => each.id === id).map(({ amount }) => amount);
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
    }
  });

  test.each(upTo(5))("has each result once, however transactions fail and members come and go (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const fails = (): ReturnType<NonNullable<MemoryFaults["transaction"]>> => {
      const delayMs = random() < 0.5 ? random() * 4 : 0;
      return random() < 0.08 ? { delayMs, fail: random() < 0.5 ? "before" : "after" } : { delayMs };
    };
    const { broker, bus, transport } = await cluster();
    const count = 400;
    const members: { readonly consumption: Consumption; crash(): void; close(): Promise<void> }[] = [];
    const join = async () => {
      const process = memory({ broker, seed: seed * 100 + members.length, faults: { transaction: fails } });
      const own = createBus({ service: "member", transport: process, logger: { debug() {}, info() {}, warn() {}, error() {} } });
      const consumption = stream(own, Order, { group: "g", drainTimeoutMs: 5 })
        .exactlyOnce(quick)
        .pipe(
          mapKeyed(async (order) => {
            await new Promise((resolve) => (random() < 0.5 ? setImmediate(resolve) : setTimeout(resolve, random() * 4)));
            if (random() < 0.01) throw new Error("by chance");
            return invoice(order);
          }),
          publishTo(Invoice),
        )
        .run();
      members.push({ consumption, crash: () => process.crash(), close: () => own.close() });
    };
    await join();
    await join();
    const ids = (index: number) => `order-${index % 40}`;
    for (let round = 0; round < 4; round++) {
      await bus.publishAll(Order, orders(count, ids).slice((round * count) / 4, ((round + 1) * count) / 4));
      await until(() => broker.records("invoices").length > ((round + 0.3) * count) / 4);
      // it lives on and does not know yet
      const zombie = broker.members("g")[0];
      if (zombie !== undefined) broker.expireSession("g", zombie.memberId);
      const [leaving] = members.splice(Math.floor(random() * members.length), 1);
      if (round % 2 === 0) leaving?.crash();
      else await leaving?.close();
      await join();
    }
    await until(() => allCommitted(transport));
    for (const member of members) await member.close();
    const invoices = read(broker, "invoices");
    expect(amounts(invoices)).toEqual(upTo(count));
    for (const id of new Set(invoices.map((each) => each.id))) {
      const ofKey = invoices.filter((each) => each.id === id).map(({ amount }) => amount);
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
    }
    expect(broker.records("orders.g.dlq")).toEqual([]);
  });

  test("publishes what a message fans out to once, also when a part of it is tried again", async () => {
    const { broker, bus, transport } = await cluster();
    await bus.publishAll(Order, orders(30));
    let failures = 0;
    const consumption = stream(bus, Order, { group: "g", failure: { attempts: 100, initialBackoffMs: 1, maxBackoffMs: 1 } })
      .exactlyOnce(quick)
      .pipe(
        flatMapMessages((order) => [0, 1, 2].map((part) => ({ ...invoice(order), id: `${order.id}.${part}` }))),
        mapKeyed(async (part) => {
          if (failures++ % 4 === 0) throw new Error("once in a while");
          return part;
        }),
        publishTo(Invoice),
      )
      .run();
    await until(() => allCommitted(transport));
    await consumption.close();
    const ids = read(broker, "invoices").map(({ id }) => id);
    expect(ids.toSorted()).toEqual(
      orders(30)
        .flatMap(({ id }) => [0, 1, 2].map((part) => `${id}.${part}`))
        .toSorted(),
    );
  });

  test("gathers by time and by size", async () => {
    const sizes: number[] = [];
    const { broker, ...shared } = await cluster();
    const transport = {
      ...watchedTransport(shared.transport, (records, send) => send(records)),
      createTransactionalProducer: async (options: Parameters<NonNullable<typeof shared.transport.createTransactionalProducer>>[0]) => {
        const producer = await shared.transport.createTransactionalProducer?.(options);
        if (producer === undefined) throw new Error("memory has transactions");
        return {
          commit: (transaction: Parameters<typeof producer.commit>[0], limits: { readonly timeoutMs: number }) => {
            sizes.push(transaction.records.length);
            return producer.commit(transaction, limits);
          },
          close: () => producer.close(),
        };
      },
    };
    const bus = createBus({ service: "test", transport });
    onTestFinished(() => bus.close());
    await bus.publishAll(
      Order,
      orders(100, () => "hot"),
    );
    const pipe = stream(bus, Order, { group: "g" })
      .exactlyOnce({ maxWaitMs: 100_000, maxMessages: 40 })
      .pipe(mapMessages(invoice), publishTo(Invoice));
    const consumption = pipe.run();
    await until(() => broker.records("invoices").length >= 80);
    await consumption.close();
    expect(read(broker, "invoices").length).toBe(100);
    expect(sizes.length).toBeLessThanOrEqual(3);
  });

  test("stops when a message of several partitions would have to be published", async () => {
    const { broker, bus } = await cluster();
    await bus.publishAll(Order, orders(20));
    const consumption = stream(bus, Order, { group: "g" })
      .exactlyOnce(quick)
      .pipe(
        batchMessages({ maxSize: 20, maxWaitMs: 100_000 }),
        mapMessages(([first]) => invoice(first as Order)),
        publishTo(Invoice),
      )
      .run();
    await expect(consumption.closed).rejects.toMatchObject({ code: "handler_failed", cause: { code: "unsupported" } });
    expect(read(broker, "invoices")).toEqual([]);
    expect(broker.records("orders.g.dlq")).toEqual([]);
  });

  test("stops when the cluster will never take a transaction, and commits nothing of it", async () => {
    const error = new BusError("record_too_large", "the topic takes less");
    const { broker, bus, transport } = await cluster({ transaction: ({ step }) => (step === "write" ? { fail: "before", error } : undefined) });
    await bus.publishAll(Order, orders(20));
    const consumption = stream(bus, Order, { group: "g" }).exactlyOnce(quick).pipe(mapMessages(invoice), publishTo(Invoice)).run();
    await expect(consumption.closed).rejects.toMatchObject({
      code: "record_too_large",
      message: expect.stringMatching(/^the transaction of orders\[\d\] up to offset \d+ was refused: the topic takes less$/),
    });
    expect(read(broker, "invoices")).toEqual([]);
    expect(await transport.admin.committed("g", ["orders"])).toEqual([]);
  });

  test("is refused on a transport without transactions", async () => {
    const { bus } = await fixture({ transport: watchedTransport(memory(), (records, send) => send(records)) });
    expect(() => stream(bus, Order, { group: "g" }).exactlyOnce().run()).toThrow("exactlyOnce needs transactions, and transport memory has none");
  });

  test.each([
    [{ maxWaitMs: 0 }, "exactlyOnce: maxWaitMs 0 must be >= 1"],
    [
      { maxMessages: 1.5, maxwait: 1 },
      "exactlyOnce: maxMessages 1.5 must be an integer; maxwait is not an option of exactlyOnce (there are maxWaitMs, maxMessages)",
    ],
  ])("refuses wrong options: %j", async (options, message) => {
    const { bus } = await fixture();
    expect(() => stream(bus, Order, { group: "g" }).exactlyOnce(options)).toThrow(message);
  });
});
