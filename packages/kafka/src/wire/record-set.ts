import type { HeaderValue, OutgoingRecord } from "@org/bus-core";
import { ByteWriter, varintSize } from "./byte-writer.js";
import { crc32c } from "./crc32c.js";

/** What the records of a set have in common. */
export interface RecordSetOptions {
  readonly transactional: boolean;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
}

export type Compress = (records: Buffer) => Promise<Buffer>;

/** The low bits of the attributes, and how the records are compressed; undefined where they are not. */
export interface Compression {
  readonly code: number;
  readonly compress: Compress | undefined;
}

const HEADER_BYTES = 61;
const CHECKED_FROM = 21;
const MAGIC = 2;
const TRANSACTIONAL = 16;
const MOST_NAMES = 1_000;

/** Header names are few and recur in every record: each is encoded once. */
const names = new Map<string, Uint8Array>();

function encodedName(name: string): Uint8Array {
  let encoded = names.get(name);
  if (encoded === undefined) {
    if (names.size >= MOST_NAMES) names.clear();
    encoded = Buffer.from(name);
    names.set(name, encoded);
  }
  return encoded;
}

/** A record batch (magic 2) of Kafka's log format, https://kafka.apache.org/documentation/#recordbatch. */
export async function encodeRecordSet(records: readonly OutgoingRecord[], options: RecordSetOptions, compression: Compression): Promise<Buffer> {
  const { first, last } = timestamps(records);
  const sizes = records.map((record, index) => bodySize(record, index, first));
  const recordBytes = sizes.reduce((sum, size) => sum + varintSize(size) + size, 0);
  if (compression.compress === undefined) {
    const writer = new ByteWriter(HEADER_BYTES + recordBytes);
    writer.position = HEADER_BYTES;
    writeRecords(writer, records, sizes, first);
    return withHeader(writer, records.length, first, last, options, compression.code);
  }
  const plain = new ByteWriter(recordBytes);
  writeRecords(plain, records, sizes, first);
  const compressed = await compression.compress(plain.buffer);
  const writer = new ByteWriter(HEADER_BYTES + compressed.length);
  writer.position = HEADER_BYTES;
  writer.bytes(compressed);
  return withHeader(writer, records.length, first, last, options, compression.code);
}

function withHeader(writer: ByteWriter, count: number, first: number, last: number, options: RecordSetOptions, compression: number): Buffer {
  const { buffer } = writer;
  writer.position = CHECKED_FROM;
  writer.int16(compression | (options.transactional ? TRANSACTIONAL : 0));
  writer.int32(count - 1);
  writer.int64(first);
  writer.int64(last);
  writer.int64(options.producerId);
  writer.int16(options.producerEpoch);
  writer.int32(options.firstSequence);
  writer.int32(count);
  writer.position = 0;
  writer.int64(0);
  writer.int32(buffer.length - 12);
  writer.int32(0);
  writer.int8(MAGIC);
  writer.uint32(crc32c(buffer, CHECKED_FROM));
  return buffer;
}

function timestamps(records: readonly OutgoingRecord[]): { readonly first: number; readonly last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { timestamp } of records) {
    if (timestamp < first) first = timestamp;
    if (timestamp > last) last = timestamp;
  }
  return { first, last };
}

function bodySize({ key, value, headers, timestamp }: OutgoingRecord, offset: number, firstTimestamp: number): number {
  let count = 0;
  let size = 1 + varintSize(timestamp - firstTimestamp) + varintSize(offset) + nullableSize(key) + nullableSize(value);
  for (const name in headers) {
    const header = headers[name];
    if (header === undefined) continue;
    const nameLength = encodedName(name).length;
    const nameSize = varintSize(nameLength) + nameLength;
    if (header instanceof Uint8Array) {
      size += nameSize + nullableSize(header);
      count++;
    } else {
      for (const each of header) size += nameSize + nullableSize(each);
      count += header.length;
    }
  }
  return size + varintSize(count);
}

function nullableSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}

function writeRecords(writer: ByteWriter, records: readonly OutgoingRecord[], sizes: readonly number[], firstTimestamp: number): void {
  for (const [offset, record] of records.entries()) {
    writer.varint(sizes[offset] ?? 0);
    writer.int8(0);
    writer.varint(record.timestamp - firstTimestamp);
    writer.varint(offset);
    writeNullable(writer, record.key);
    writeNullable(writer, record.value);
    writer.varint(headerCount(record.headers));
    for (const name in record.headers) {
      const header = record.headers[name];
      if (header === undefined) continue;
      if (header instanceof Uint8Array) writeHeader(writer, name, header);
      else for (const each of header) writeHeader(writer, name, each);
    }
  }
}

function headerCount(headers: Readonly<Record<string, HeaderValue>>): number {
  let count = 0;
  for (const name in headers) {
    const header = headers[name];
    if (header !== undefined) count += header instanceof Uint8Array ? 1 : header.length;
  }
  return count;
}

function writeHeader(writer: ByteWriter, name: string, value: Uint8Array): void {
  writeNullable(writer, encodedName(name));
  writeNullable(writer, value);
}

function writeNullable(writer: ByteWriter, bytes: Uint8Array | null): void {
  if (bytes === null) {
    writer.varint(-1);
    return;
  }
  writer.varint(bytes.length);
  writer.bytes(bytes);
}
