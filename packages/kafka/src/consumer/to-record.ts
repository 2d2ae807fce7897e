import type { IncomingRecord, RecordHeaders } from "@org/bus-core";
import type { IHeaders, KafkaMessage } from "kafkajs";

const NO_HEADERS: RecordHeaders = {};
const EMPTY = Buffer.alloc(0);

type KafkajsHeader = IHeaders[string] | null;

// kafkajs reads buffers only, null for a header without a value; its type is that of what it writes
function toBytes(value: Buffer | string | null | undefined): Uint8Array {
  return typeof value === "string" ? Buffer.from(value) : (value ?? EMPTY);
}

/** Those of kafkajs as they are, where all of them have values, which is nearly always. */
function toHeaders(headers: IHeaders | undefined): RecordHeaders {
  if (headers === undefined) return NO_HEADERS;
  for (const name in headers) if (!(headers[name] instanceof Uint8Array)) return copied(headers);
  return headers as RecordHeaders;
}

function copied(headers: IHeaders): RecordHeaders {
  const result: Record<string, Uint8Array | Uint8Array[]> = {};
  for (const name in headers) {
    const value: KafkajsHeader | undefined = headers[name];
    result[name] = Array.isArray(value) ? value.map(toBytes) : toBytes(value);
  }
  return result;
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
