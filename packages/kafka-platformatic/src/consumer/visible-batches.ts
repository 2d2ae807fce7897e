import type { Answer } from "../client/requests.js";

export type FetchedPartition = Answer<"Fetch">["responses"][number]["partitions"][number];
export type FetchedBatch = NonNullable<FetchedPartition["records"]>[number];

const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;
const ABORT = 0;

/**
 * The batches of a fetch that a reader of committed records sees: without control records and without those of aborted transactions. The broker sends
 * nothing of transactions that are open, and names the aborted ones by producer and first offset; the abort itself may lie beyond what was fetched.
 */
export function visibleBatches({ records, abortedTransactions }: FetchedPartition): readonly FetchedBatch[] {
  const batches = records ?? [];
  const waiting = (abortedTransactions ?? []).toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const aborted = new Set<bigint>();
  return batches.filter((batch) => {
    const lastOffset = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    for (let next = waiting[0]; next !== undefined && next.firstOffset <= lastOffset; next = waiting[0]) {
      aborted.add(next.producerId);
      waiting.shift();
    }
    if ((batch.attributes & CONTROL) !== 0) {
      if (isAbort(batch)) aborted.delete(batch.producerId);
      return false;
    }
    return (batch.attributes & TRANSACTIONAL) === 0 || !aborted.has(batch.producerId);
  });
}

/** The key of a control record is its version and its type, 16 bits each. */
function isAbort({ records }: FetchedBatch): boolean {
  const key = records[0]?.key;
  return key != null && key.length >= 4 && key.readInt16BE(2) === ABORT;
}
