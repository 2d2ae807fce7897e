import type { FetchedRecord } from "./fetch-response.js";

/** What the records of a batch have in common, as kafkajs tells it. */
export interface BatchHeader {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly partitionLeaderEpoch: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly maxTimestamp: string;
  readonly timestampType: number;
  readonly magicByte: number;
}

const MAGIC = 2;
const MAGIC_AT = 16;
/** Of the header of a batch: before its length counts, and what kafkajs wants to be there before it reads one. */
const LENGTH_END = 12;
const MIN_BATCH = 49;
const COMPRESSION = 7;
const LOG_APPEND_TIME = 8;
const TRANSACTIONAL = 16;
const CONTROL = 32;
const plain: object = {};

/** Reads the body of a response to a fetch. */
export class FetchReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#at++);
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): string {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8).toString();
  }

  string(): string {
    const length = this.int16();
    this.#at += length;
    return this.#bytes.toString("utf8", this.#at - length, this.#at);
  }

  /** The records of a partition; undefined for what is left to kafkajs. The last batch may be there in part, and is left out then. */
  records(): readonly FetchedRecord[] | undefined {
    const size = this.int32();
    const records: FetchedRecord[] = [];
    if (size <= 0) return records;
    const end = this.#at + size;
    if (end > this.#bytes.length || size <= MAGIC_AT || this.#bytes[this.#at + MAGIC_AT] !== MAGIC) return undefined;
    while (end - this.#at >= MIN_BATCH) {
      const batchEnd = this.#at + LENGTH_END + this.#bytes.readInt32BE(this.#at + 8);
      if (batchEnd > end) break;
      if (!this.#batch(records)) return undefined;
      this.#at = batchEnd;
    }
    this.#at = end;
    return records;
  }

  #batch(records: FetchedRecord[]): boolean {
    const firstOffset = this.int64();
    this.#at += 4;
    const partitionLeaderEpoch = this.int32();
    const magicByte = this.int8();
    this.#at += 4;
    const attributes = this.int16();
    if ((attributes & COMPRESSION) !== 0) return false;
    const lastOffsetDelta = this.int32();
    const header: BatchHeader = {
      firstOffset,
      partitionLeaderEpoch,
      inTransaction: (attributes & TRANSACTIONAL) !== 0,
      isControlBatch: (attributes & CONTROL) !== 0,
      lastOffsetDelta,
      firstTimestamp: this.int64(),
      maxTimestamp: this.int64(),
      producerId: this.int64(),
      producerEpoch: this.int16(),
      firstSequence: this.int32(),
      timestampType: (attributes & LOG_APPEND_TIME) !== 0 ? 1 : 0,
      magicByte,
    };
    const offset = Number(firstOffset);
    const timestamp = Number(header.firstTimestamp);
    for (let count = this.int32(); count > 0; count--) {
      const record = this.#record(header, offset, timestamp);
      if (record === undefined) return false;
      records.push(record);
    }
    return true;
  }

  #record(header: BatchHeader, firstOffset: number, firstTimestamp: number): FetchedRecord | undefined {
    const length = this.#varint();
    const end = this.#at + length;
    const attributes = this.int8();
    const timestamp = firstTimestamp + this.#varint();
    const offset = firstOffset + this.#varint();
    const key = this.#nullable();
    const value = this.#nullable();
    const headers: Record<string, Buffer | null | (Buffer | null)[]> = {};
    for (let count = this.#varint(); count > 0; count--) {
      const nameLength = this.#varint();
      const name = this.#bytes.toString("utf8", this.#at, this.#at + nameLength);
      this.#at += nameLength;
      const before = headers[name];
      // a name that every object has, or none
      if (name in plain || nameLength < 0) return undefined;
      const one = this.#nullable();
      headers[name] = before === undefined ? one : Array.isArray(before) ? [...before, one] : [before, one];
    }
    if (!Number.isSafeInteger(timestamp) || !Number.isSafeInteger(offset) || this.#at > end) return undefined;
    this.#at = end;
    return {
      magicByte: header.magicByte,
      attributes,
      timestamp: header.timestampType === 1 ? header.maxTimestamp : String(timestamp),
      offset: String(offset),
      key,
      value,
      headers,
      isControlRecord: header.isControlBatch,
      batchContext: header,
    };
  }

  #nullable(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Zigzag, of 32 bits or 64; exact as far as a number is. */
  #varint(): number {
    let byte = this.#bytes[this.#at++] as number;
    // most are of one byte
    if (byte < 128) return byte & 1 ? -(byte + 1) / 2 : byte / 2;
    let result = byte & 127;
    let scale = 128;
    do {
      byte = this.#bytes[this.#at++] ?? 0;
      result += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
  }
}
