import type { HeaderValue, OutgoingRecord } from "@org/bus-core";
import type { MessageRecord } from "@platformatic/kafka";

const MOST_NAMES = 1_000;

/** Header names are few and recur in every record: each is encoded once. */
const names = new Map<string, Buffer>();

function encodedName(name: string): Buffer {
  let encoded = names.get(name);
  if (encoded === undefined) {
    if (names.size >= MOST_NAMES) names.clear();
    encoded = Buffer.from(name);
    names.set(name, encoded);
  }
  return encoded;
}

/** What the client encodes; keys, values and headers are not copied. */
export function toMessage({ topic, partition, key, value, headers, timestamp }: OutgoingRecord): MessageRecord {
  const message = { topic, partition, key: toBuffer(key), value: toBuffer(value), headers: toHeaders(headers), timestamp: BigInt(timestamp) };
  // it writes null as null, which its types leave out
  return message as MessageRecord;
}

function toBuffer(bytes: Uint8Array | null): Buffer | null {
  if (bytes === null || bytes instanceof Buffer) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The client goes through the entries of a Map; one whose keys are buffers can have a name more than once. */
function toHeaders(headers: Readonly<Record<string, HeaderValue>>): Map<Buffer, Buffer | null> {
  const entries = new Map<Buffer, Buffer | null>();
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (value instanceof Uint8Array) entries.set(encodedName(name), toBuffer(value));
    else for (const each of value) entries.set(Buffer.from(name), toBuffer(each));
  }
  return entries;
}
