import { randomUUID } from "node:crypto";
import { connectRecord, defineConnector, runConnector, type Source, topicPositions, toTopic } from "@org/bus-connect";
import { createBus } from "@org/bus-core";
import { kafka as kafkaTransport } from "@org/bus-kafka";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, it, onTestFinished } from "vitest";
import { jsonContract, type Order } from "../support/json-contract.js";
import { kafkaForTests } from "../support/kafka.js";

const kafka = await kafkaForTests();

/** Each split is one record, and then silence. */
const silent = (splits: readonly string[]): Source<Order> => ({
  name: "silent",
  replayable: true,
  splits: async () => splits.map((id) => ({ id })),
  async *read({ split, signal }) {
    yield { records: [connectRecord({ value: { id: split.id, amount: 1 }, id: split.id })], position: 1 };
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  },
});

describe.skipIf(!kafka.available)("a connector that writes exactly once to Kafka", () => {
  // the transaction would time out by itself after longer than the test may take
  it("reads a split whose position is hidden by what was left open of a split that waits for its turn", { timeout: 45_000 }, async () => {
    const name = `hidden-${randomUUID().slice(0, 8)}`;
    const Orders = jsonContract<Order>(name, 1);
    await using bus = createBus({ service: "test", transport: kafkaTransport({ brokers: kafka.brokers }) });
    await bus.topics.ensure([Orders]);
    const source = silent(["working", "waiting"]);
    const connector = defineConnector({ name, source, sink: toTopic(Orders), maxTasks: 1 });
    const positions = topicPositions({ partitions: 1 });
    await using earlier = runConnector(bus, connector, { positions });
    await expect.poll(() => earlier.status().tasks[0], { timeout: 20_000 }).toMatchObject({ id: "working", written: 1 });
    await earlier.stop();

    // what an earlier owner of the other split leaves behind that is killed
    const killed = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).producer({
      transactionalId: `${name}.waiting`,
      maxInFlightRequests: 1,
      idempotent: true,
      transactionTimeout: 600_000,
    });
    await killed.connect();
    onTestFinished(() => killed.disconnect());
    const open = await killed.transaction();
    await open.send({ topic: `${name}.positions`, messages: [{ partition: 0, key: "split/waiting", value: '{"position":1,"offset":1}' }] });

    await using running = runConnector(bus, connector, { positions });
    await expect.poll(() => running.status().tasks[0], { timeout: 20_000 }).toMatchObject({ id: "working", written: 1 });
  });
});
