import type { LogRecord } from "../kafka/partition.js";

/** A record as kafkajs decodes it. */
export function toMessage({ offset, timestamp, key, value, headers, isControl }: LogRecord) {
  return {
    magicByte: 2,
    attributes: 0,
    offset: String(offset),
    timestamp: String(timestamp),
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, header]) => [
        name,
        header instanceof Uint8Array ? Buffer.from(header) : header.map((each) => Buffer.from(each)),
      ]),
    ),
    isControlRecord: isControl,
    batchContext: { producerId: "-1", inTransaction: false, isControlBatch: isControl },
  };
}
