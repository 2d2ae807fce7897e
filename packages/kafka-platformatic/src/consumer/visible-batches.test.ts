import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FetchedBatch, type FetchedPartition, visibleBatches } from "./visible-batches.js";

const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;

type Step =
  | { readonly kind: "plain" }
  | { readonly kind: "write"; readonly producer: number }
  | { readonly kind: "end"; readonly producer: number; readonly commits: boolean };

interface Written {
  readonly offset: number;
  readonly step: Step;
}

function batch({ offset, step }: Written): FetchedBatch {
  const control = step.kind === "end";
  const key = control ? Buffer.from([0, 0, 0, step.commits ? 1 : 0]) : null;
  return {
    firstOffset: BigInt(offset),
    lastOffsetDelta: 0,
    attributes: (step.kind === "plain" ? 0 : TRANSACTIONAL) | (control ? CONTROL : 0),
    producerId: step.kind === "plain" ? -1n : BigInt(step.producer),
    records: [{ length: 0, attributes: 0, timestampDelta: 0n, offsetDelta: 0, key, value: null, headers: [] }],
    length: 0,
    partitionLeaderEpoch: 0,
    magic: 2,
    crc: 0,
    firstTimestamp: 0n,
    maxTimestamp: 0n,
    producerEpoch: 0,
    firstSequence: 0,
  };
}

/** What became of every write, by going through the log twice: what ends it says so. */
function isCommitted(log: readonly Written[], { offset, step }: Written): boolean | undefined {
  if (step.kind === "plain") return true;
  if (step.kind === "end") return false;
  const end = log.find((later) => later.offset > offset && later.step.kind === "end" && later.step.producer === step.producer)?.step;
  return end?.kind === "end" ? end.commits : undefined;
}

/** As a broker answers a fetch of [from, to): up to the first open transaction, with the aborted ones that reach into it. */
function fetched(log: readonly Written[], from: number, to: number): FetchedPartition {
  const open = log.find((written) => isCommitted(log, written) === undefined)?.offset ?? log.length;
  const records = log.filter(({ offset }) => offset >= from && offset < Math.min(to, open)).map(batch);
  const aborted = new Map<string, { producerId: bigint; firstOffset: bigint }>();
  for (const written of log) {
    const { step, offset } = written;
    if (step.kind !== "write" || isCommitted(log, written) !== false || offset >= to) continue;
    const end = log.find((later) => later.offset > offset && later.step.kind === "end" && later.step.producer === step.producer);
    if (end === undefined || end.offset < from) continue;
    const name = `${step.producer}/${end.offset}`;
    if (!aborted.has(name)) aborted.set(name, { producerId: BigInt(step.producer), firstOffset: BigInt(offset) });
  }
  return {
    partitionIndex: 0,
    errorCode: 0,
    highWatermark: BigInt(log.length),
    lastStableOffset: BigInt(open),
    logStartOffset: 0n,
    // in no order in particular
    abortedTransactions: [...aborted.values()].reverse(),
    preferredReadReplica: -1,
    records,
  };
}

const producer = fc.integer({ min: 1, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ kind: "plain" }),
  fc.record({ kind: fc.constant("write" as const), producer }),
  fc.record({ kind: fc.constant("end" as const), producer, commits: fc.boolean() }),
);

describe("visibleBatches", () => {
  test("shows what was written plainly or committed, and nothing else, however the log is cut into fetches", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), (steps, size) => {
        const log = steps.map((each, offset): Written => ({ offset, step: each }));
        const open = log.find((written) => isCommitted(log, written) === undefined)?.offset ?? log.length;
        const seen: number[] = [];
        for (let from = 0; from < log.length; from += size) {
          for (const { firstOffset } of visibleBatches(fetched(log, from, from + size))) seen.push(Number(firstOffset));
        }
        expect(seen).toEqual(log.filter((written) => written.offset < open && isCommitted(log, written) === true).map(({ offset }) => offset));
      }),
    );
  });

  test("shows what a producer commits after it has aborted, read at once or batch by batch", () => {
    const write: Step = { kind: "write", producer: 1 };
    const end = (commits: boolean): Step => ({ kind: "end", producer: 1, commits });
    const log = [write, end(false), write, end(true), write, end(false)].map((each, offset): Written => ({ offset, step: each }));
    for (const size of [6, 3, 1]) {
      const seen = [0, 1, 2, 3, 4, 5].filter((from) => from % size === 0).flatMap((from) => visibleBatches(fetched(log, from, from + size)));
      expect(seen.map(({ firstOffset }) => firstOffset)).toEqual([2n]);
    }
  });

  test("has nothing to show where nothing was read", () => {
    expect(visibleBatches({ ...fetched([], 0, 1), records: null, abortedTransactions: null })).toEqual([]);
  });
});
