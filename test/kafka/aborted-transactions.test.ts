import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, onTestFinished, test } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";
import { Collector } from "./collector.js";

const { available, brokers } = await kafkaForTests();

/** A producer of kafkajs as it is, whose transactions can overlap with those of others. */
async function producer(transactionalId?: string) {
  const client = new Kafka({ clientId: "test", brokers, logLevel: logLevel.NOTHING });
  const made = client.producer({ idempotent: true, maxInFlightRequests: 1, ...(transactionalId !== undefined && { transactionalId }) });
  await made.connect();
  onTestFinished(() => made.disconnect());
  return made;
}

describe.skipIf(!available)("records of aborted transactions", () => {
  test.each(kafkaClients)("are not read on $client, however transactions overlap, and hide no others", async ({ client, open }) => {
    const topic = `aborted-${client}-${randomUUID()}`;
    const transport = open({ brokers });
    onTestFinished(() => transport.close());
    await transport.admin.createTopics([{ name: topic, partitions: 1, cleanup: "delete" }]);
    const message = (value: string, key?: Buffer) => ({ topic, messages: [{ value, partition: 0, ...(key !== undefined && { key }) }] });
    const plain = await producer();
    const [first, second, third] = await Promise.all(["1", "2", "3"].map(async (id) => (await producer(`${topic}-${id}`)).transaction()));
    if (first === undefined || second === undefined || third === undefined) throw new Error("three were made");

    await first.send(message("aborted"));
    // a key that looks like the marker of an abort
    await first.send(message("aborted", Buffer.alloc(4)));
    await first.send(message("aborted"));
    await second.send(message("aborted"));
    await third.send(message("kept 1"));
    await plain.send(message("kept 2"));
    // the one that began later ends earlier: the broker lists aborted transactions by their ends
    await second.abort();
    await plain.send(message("kept 3"));
    await first.send(message("aborted"));
    await first.abort();
    await third.send(message("kept 4"));
    await third.commit();
    await plain.send(message("kept 5"));

    const collector = new Collector();
    const consumer = transport.createConsumer({ group: topic, topics: [topic], from: "earliest", outOfRange: "stop" });
    onTestFinished(() => consumer.close());
    await consumer.start(collector);
    await collector.until(({ values }) => values.includes("kept 5"));
    expect(collector.values).toEqual(["kept 1", "kept 2", "kept 3", "kept 4", "kept 5"]);
  });
});
