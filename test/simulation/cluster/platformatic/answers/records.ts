import type { HeaderValue, OutgoingRecord } from "@org/bus-core";
import type { Answer, Arguments } from "@org/bus-kafka-platformatic/internal";
import type { LogRecord } from "../../kafka/partition.js";

type Message = Arguments<"Produce">[2][number];
type Batch = NonNullable<Answer<"Fetch">["responses"][number]["partitions"][number]["records"]>[number];

const CONTROL = 1 << 5;

/** What the log keeps of a message. */
export function toRecord({ topic, partition = 0, key, value, headers = new Map(), timestamp = 0n }: Message): OutgoingRecord {
  const named: Record<string, HeaderValue> = {};
  for (const [name, header] of headers) {
    const before = named[name.toString()];
    if (before === undefined) named[name.toString()] = header;
    else named[name.toString()] = before instanceof Uint8Array ? [before, header] : [...before, header];
  }
  return { topic, partition, key: key ?? null, value, headers: named, timestamp: Number(timestamp) };
}

/** Records as the client decodes them. */
export function toBatches(records: readonly LogRecord[]): Batch[] {
  return [...Map.groupBy(records, ({ batch }) => batch).values()].map(toBatch);
}

function toBatch(records: readonly LogRecord[]): Batch {
  const [first] = records;
  const last = records.at(-1);
  if (first === undefined || last === undefined) throw new Error("a batch has records");
  const timestamps = records.map(({ timestamp }) => timestamp);
  return {
    firstOffset: BigInt(first.offset),
    lastOffsetDelta: last.offset - first.offset,
    length: 0,
    partitionLeaderEpoch: 0,
    magic: 2,
    crc: 0,
    attributes: first.isControl ? CONTROL : 0,
    firstTimestamp: BigInt(first.timestamp),
    maxTimestamp: BigInt(Math.max(...timestamps)),
    producerId: -1n,
    producerEpoch: -1,
    firstSequence: -1,
    records: records.map(({ offset, timestamp, key, value, headers }) => ({
      length: 0,
      attributes: 0,
      timestampDelta: BigInt(timestamp - first.timestamp),
      offsetDelta: offset - first.offset,
      key: key && Buffer.from(key),
      value: value && Buffer.from(value),
      headers: Object.entries(headers).flatMap(([name, header]) =>
        (header instanceof Uint8Array ? [header] : header).map((each): [Buffer, Buffer] => [Buffer.from(name), Buffer.from(each)]),
      ),
    })),
  };
}
