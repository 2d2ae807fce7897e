import type { OutgoingRecord, SendOutcome, Transport } from "@org/bus-core";
import { afterAll, describe, expect, test } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { kafkaClients } from "../support/kafka-clients.js";
import { readLog } from "../support/read-log.js";

const { available, brokers } = await kafkaForTests();

/** Above Kafka's default of 1 h for `message.timestamp.after.max.ms`. */
const TOO_FAR_AHEAD_MS = 7_200_000;

/** kafkajs does not read what the broker says of a record, and says what the error means. */
const reasons = {
  kafkajs: { timestamp: /the timestamp of the message is out of acceptable range$/, key: /this record has failed the validation on broker/ },
  platformatic: {
    timestamp: /: timestamp \d+ of message with offset \d is out of range\. The timestamp should be within \[/,
    key: /: compacted topic cannot accept message without key/,
  },
};

describe.skipIf(!available).each(kafkaClients)("records that the broker refuses, on $client", ({ client, open: kafka }) => {
  const transports: Transport[] = [];
  afterAll(() => Promise.all(transports.map((transport) => transport.close())));

  async function sendTo(cleanup: "compact" | "delete", records: (topic: string) => OutgoingRecord[]): Promise<[readonly SendOutcome[], string[]]> {
    const transport = kafka({ brokers });
    transports.push(transport);
    const topic = `refused-${crypto.randomUUID()}`;
    await transport.admin.createTopics([{ name: topic, partitions: 1, cleanup }]);
    const producer = await transport.createProducer();
    const outcomes = await producer.send(records(topic), { timeoutMs: 15_000 });
    await producer.close();
    const log = await readLog(transport, topic);
    return [outcomes, log.map(({ value }) => Buffer.from(value ?? []).toString())];
  }

  const record = (topic: string, value: string, more: Partial<OutgoingRecord> = {}): OutgoingRecord => ({
    topic,
    partition: 0,
    key: Buffer.from("k"),
    value: Buffer.from(value),
    headers: {},
    timestamp: Date.now(),
    ...more,
  });
  const written = expect.objectContaining({ ok: true });
  const refused = (reason: RegExp) =>
    expect.objectContaining({
      ok: false,
      error: expect.objectContaining({
        code: "publish_failed",
        retryable: false,
        mayHaveBeenWritten: false,
        message: expect.stringMatching(reason),
      }),
    });

  test("fail alone for a timestamp out of range, and the others are written in order", async () => {
    const ahead = () => ({ timestamp: Date.now() + TOO_FAR_AHEAD_MS });
    const [outcomes, log] = await sendTo("delete", (topic) => [..."abXcdeYf"].map((value) => record(topic, value, value < "a" ? ahead() : {})));
    const late = refused(reasons[client].timestamp);
    expect(outcomes).toEqual([written, written, late, written, written, written, late, written]);
    expect(log).toEqual([..."abcdef"]);
  });

  test("fail alone without a key on a compacted topic", async () => {
    const [outcomes, log] = await sendTo("compact", (topic) => [..."aXb"].map((value) => record(topic, value, value < "a" ? { key: null } : {})));
    expect(outcomes).toEqual([written, refused(reasons[client].key), written]);
    expect(log).toEqual(["a", "b"]);
  });
});
