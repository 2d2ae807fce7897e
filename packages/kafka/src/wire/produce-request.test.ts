import { createRequire } from "node:module";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { OutgoingRecord } from "@org/bus-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeProduceRequest, type ProduceArguments, RecordMessage } from "./produce-request.js";

/** As kafkajs wants it. */
function toMessage({ key, value, headers, timestamp, partition }: OutgoingRecord): object {
  const buffer = (bytes: Uint8Array) => Buffer.from(bytes);
  return {
    partition,
    key: key && buffer(key),
    value: value && buffer(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, each]) => [name, each instanceof Uint8Array ? buffer(each) : each.map(buffer)])),
    timestamp: String(timestamp),
  };
}

// kafkajs's own encoding, which shares nothing with ours
const kafkajsRequest = createRequire(import.meta.url)("kafkajs/src/protocol/requests/produce/v3/request.js") as (args: ProduceArguments) => {
  encode(): Promise<{ readonly buffer: Buffer }>;
};

type Sets = readonly {
  readonly topic: string;
  readonly partition: number;
  readonly firstSequence: number;
  readonly records: readonly OutgoingRecord[];
}[];

function requestOf(sets: Sets, common: Omit<ProduceArguments, "topicData">, message: (record: OutgoingRecord) => unknown): ProduceArguments {
  const topicData = sets.map(({ topic, partition, firstSequence, records }) => ({
    topic,
    partitions: [{ partition, firstSequence, messages: records.map(message) }],
  }));
  return { ...common, topicData };
}

const bytes = fc.uint8Array({ maxLength: 300, size: "max" });
const timestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.integer({ min: 1_000_000_000_000, max: 9_000_000_000_000 }),
);
const record: fc.Arbitrary<OutgoingRecord> = fc.record({
  topic: fc.constant("t"),
  partition: fc.constant(3),
  key: fc.option(bytes),
  value: fc.option(bytes),
  // kafkajs orders names that are integers first, and loses one of the name __proto__
  headers: fc.dictionary(
    fc.string({ maxLength: 20 }).filter((name) => !/^\d|__/.test(name)),
    fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })),
    { maxKeys: 5 },
  ),
  timestamp,
});
const sets: fc.Arbitrary<Sets> = fc.array(
  fc.record({
    topic: fc.string({ minLength: 1, maxLength: 20 }),
    partition: fc.nat(1_000),
    firstSequence: fc.nat(),
    records: fc.array(record, { minLength: 1, maxLength: 80 }),
  }),
  { minLength: 1, maxLength: 4 },
);
const common = fc.record({
  acks: fc.constant(-1),
  timeout: fc.nat(),
  transactionalId: fc.option(fc.string()),
  producerId: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
  producerEpoch: fc.nat(32_767),
});

describe("encodeProduceRequest", () => {
  test("writes the bytes that kafkajs writes", async () => {
    await fc.assert(
      fc.asyncProperty(sets, common, async (written, args) => {
        const theirs = await kafkajsRequest(requestOf(written, args, toMessage)).encode();
        const ours = await encodeProduceRequest(
          requestOf(written, args, (each) => new RecordMessage(each)),
          () => {
            throw new Error("nothing to compress");
          },
        );
        expect(ours.toString("hex")).toBe(theirs.buffer.toString("hex"));
      }),
      { numRuns: 300 },
    );
  });

  test("compresses as kafkajs does", async () => {
    const compress = promisify(gzip);
    await fc.assert(
      fc.asyncProperty(sets, common, async (written, args) => {
        const compressed = { ...args, compression: 1 };
        const theirs = await kafkajsRequest(requestOf(written, compressed, toMessage)).encode();
        const ours = await encodeProduceRequest(
          requestOf(written, compressed, (each) => new RecordMessage(each)),
          () => (plain) => compress(plain),
        );
        expect(ours.toString("hex")).toBe(theirs.buffer.toString("hex"));
      }),
      { numRuns: 50 },
    );
  });
});
