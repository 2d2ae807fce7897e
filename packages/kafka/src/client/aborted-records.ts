import { createRequire } from "node:module";

// The members of what kafkajs has fetched that the correction touches.
interface FetchedRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  /** kafkajs passes over those. */
  isControlRecord?: boolean;
  /** Absent in the formats that knew no transactions. */
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
}

interface FetchedPartition {
  readonly messages: readonly FetchedRecord[];
  abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
}

interface FetchResponse {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

interface Broker {
  fetch(request: object): Promise<FetchResponse>;
}

/** Of which `fetch` has been corrected. */
const corrected = new WeakSet<object>();

/**
 * Keeps records of aborted transactions from being read, which kafkajs 2.2.4 lets through where transactions of a partition overlap. A broker lists what was
 * aborted by the ends of the transactions; kafkajs (`consumer/filterAbortedMessages.js`) takes the list for one by their beginnings, begins one of them with
 * each record at most, and takes any record whose key is four zero bytes for the end of one.
 */
export function keepAbortedRecordsOut(): void {
  const BrokerClass: unknown = createRequire(import.meta.url)("kafkajs/src/broker/index.js");
  if (typeof BrokerClass !== "function" || corrected.has(BrokerClass)) return;
  const prototype = BrokerClass.prototype as Broker;
  const { fetch } = prototype;
  if (typeof fetch !== "function") return;
  prototype.fetch = async function (this: Broker, request: object) {
    const response = await fetch.call(this, request);
    for (const { partitions } of response.responses) for (const partition of partitions) hideAbortedRecords(partition);
    return response;
  };
  corrected.add(BrokerClass);
}

/** Makes control records of what was aborted, which kafkajs passes over as it does over any of them. As Java's consumer finds it out (`CompletedFetch`). */
function hideAbortedRecords(partition: FetchedPartition): void {
  const transactions = (partition.abortedTransactions ?? []).toSorted((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  if (transactions.length === 0) return;
  partition.abortedTransactions = [];
  const aborting = new Set<string>();
  let begun = 0;
  for (const record of partition.messages) {
    for (let next = transactions[begun]; next !== undefined && Number(next.firstOffset) <= Number(record.offset); next = transactions[++begun]) {
      aborting.add(next.producerId);
    }
    const { producerId = "", inTransaction = false } = record.batchContext ?? {};
    if (record.isControlRecord === true) {
      if (isAbort(record.key)) aborting.delete(producerId);
    } else if (inTransaction && aborting.has(producerId)) record.isControlRecord = true;
  }
}

/** The key of a control record: its version, and 0 for an abort or 1 for a commit, two bytes each. */
const isAbort = (key: Buffer | null): boolean => key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
