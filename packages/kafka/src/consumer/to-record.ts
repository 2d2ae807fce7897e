import type { IncomingRecord, RecordHeaders } from "@org/bus-core";
import type { IHeaders, KafkaMessage } from "kafkajs";

const NO_HEADERS: RecordHeaders = {};
const EMPTY = Buffer.alloc(0);

type KafkajsHeader = IHeaders[string] | null;

// kafkajs reads buffers only, null for a header without a value; its type is that of what it writes
function toBytes(value: Buffer | string | null | undefined): Uint8Array {
  return typeof value === "string" ? Buffer.from(value) : (value ?? EMPTY);
}

function toHeaders(headers: IHeaders | undefined): RecordHeaders {
  let result: Record<string, Uint8Array | Uint8Array[]> | undefined;
  for (const name in headers) {
    const value: KafkajsHeader | undefined = headers[name];
    result ??= {};
    result[name] = Array.isArray(value) ? value.map(toBytes) : toBytes(value);
  }
  return result ?? NO_HEADERS;
}

/** A record as kafkajs read it; keys, values and headers are not copied. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers),
  };
}
