import type { IncomingRecord, RecordHeaders } from "@org/bus-core";
import type { FetchedBatch } from "./visible-batches.js";

const LOG_APPEND_TIME = 1 << 3;
const NO_HEADERS: RecordHeaders = {};
const EMPTY = Buffer.alloc(0);

type FetchedRecord = FetchedBatch["records"][number];

/** The records of a batch from offset `from` on; keys, values and headers are not copied. A broker sends whole batches, so it may begin before. */
export function toRecords(topic: string, partition: number, batch: FetchedBatch, from: number): IncomingRecord[] {
  const firstOffset = Number(batch.firstOffset);
  const firstTimestamp = Number(batch.firstTimestamp);
  const appendedAt = (batch.attributes & LOG_APPEND_TIME) === 0 ? undefined : Number(batch.maxTimestamp);
  const records: IncomingRecord[] = [];
  for (const record of batch.records) {
    const offset = firstOffset + record.offsetDelta;
    if (offset < from) continue;
    const timestamp = appendedAt ?? firstTimestamp + Number(record.timestampDelta);
    records.push({ topic, partition, offset, timestamp, key: record.key, value: record.value, headers: toHeaders(record.headers) });
  }
  return records;
}

function toHeaders(headers: FetchedRecord["headers"]): RecordHeaders {
  if (headers.length === 0) return NO_HEADERS;
  const result: Record<string, Uint8Array | Uint8Array[]> = {};
  for (const [nameBytes, bytes] of headers) {
    const name = nameBytes?.toString() ?? "";
    // a header may have no value
    const value = bytes ?? EMPTY;
    // anybody may have written it: a name that every object has is a header all the same
    if (name in NO_HEADERS) addUnusual(result, name, value);
    else add(result, name, value);
  }
  return result;
}

function add(headers: Record<string, Uint8Array | Uint8Array[]>, name: string, value: Uint8Array): void {
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else headers[name] = [before, value];
}

function addUnusual(headers: Record<string, Uint8Array | Uint8Array[]>, name: string, value: Uint8Array): void {
  if (Object.hasOwn(headers, name)) add(headers, name, value);
  else Object.defineProperty(headers, name, { value, enumerable: true, writable: true, configurable: true });
}
