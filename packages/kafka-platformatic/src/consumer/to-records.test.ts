import { describe, expect, test } from "vitest";
import { toRecords } from "./to-records.js";
import type { FetchedBatch } from "./visible-batches.js";

const LOG_APPEND_TIME = 1 << 3;

function batch(more: Partial<FetchedBatch> = {}, headers: readonly (readonly [string | null, string | null])[] = []): FetchedBatch {
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
  const record = (offsetDelta: number) => ({
    length: 0,
    attributes: 0,
    timestampDelta: BigInt(offsetDelta) * 10n,
    offsetDelta,
    key: null,
    value: Buffer.from(String(offsetDelta)),
    headers: headers.map(([name, value]): [Buffer | null, Buffer | null] => [bytes(name), bytes(value)]),
  });
  return {
    firstOffset: 100n,
    lastOffsetDelta: 3,
    attributes: 0,
    producerId: -1n,
    // compaction has taken the second
    records: [record(0), record(2), record(3)],
    length: 0,
    partitionLeaderEpoch: 0,
    magic: 2,
    crc: 0,
    firstTimestamp: 5_000n,
    maxTimestamp: 6_000n,
    producerEpoch: 0,
    firstSequence: 0,
    ...more,
  };
}

describe("toRecords", () => {
  test("leaves out what comes before the offset that was asked for", () => {
    expect(toRecords("t", 1, batch(), 101).map(({ offset, timestamp, value }) => [offset, timestamp, String(value)])).toEqual([
      [102, 5_020, "2"],
      [103, 5_030, "3"],
    ]);
  });

  test("takes the time of the log where the topic says so", () => {
    const appended = batch({ attributes: LOG_APPEND_TIME });
    expect(toRecords("t", 1, appended, 0).map(({ timestamp }) => timestamp)).toEqual([6_000, 6_000, 6_000]);
  });

  test("keeps headers of every name, several values in order, and empty ones", () => {
    const headers = [
      ["a", "1"],
      ["constructor", "2"],
      ["__proto__", "3"],
      ["a", null],
      ["__proto__", "4"],
      [null, "5"],
    ] as const;
    const [first] = toRecords("t", 0, batch({}, headers), 0);
    const texts = Object.entries(first?.headers ?? {}).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? String(value) : value.map(String),
    ]);
    expect(texts).toEqual([
      ["a", ["1", ""]],
      ["constructor", "2"],
      ["__proto__", ["3", "4"]],
      ["", "5"],
    ]);
    expect(Object.getPrototypeOf(first?.headers)).toBe(Object.prototype);
  });
});
