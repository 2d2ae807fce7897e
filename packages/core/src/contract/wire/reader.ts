import { type DecodeLimits, defaultMaxBytes, defaultMaxDepth } from "./limits.js";

/** Texts up to this length are put together here, which is faster than a call into the engine; longer ones would be left in pieces. */
const shortText = 12;

/** Where the bits of numbers are put to be read as what they are. */
const scratch = new DataView(new ArrayBuffer(8));

/**
 * Reads the fields of one message, strictly: nothing past the end of the message at hand, text only where it is UTF-8. Every method throws
 * where the bytes are not what it reads; the reader is of no use then.
 *
 * A message ends at `len`, which `enter` and `leave` move, or, as a group, at a tag of its own, which whoever reads it looks out for.
 */
export class MessageReader {
  readonly buf: Uint8Array;
  /** The next byte to read. */
  pos = 0;
  /** The end of the message at hand. */
  len: number;
  /** Whether a message was read that lacks a field without which it is none; a later occurrence of it may still bring the field. */
  incomplete = false;
  #depth = 0;
  readonly #maxDepth: number;
  /** The same bytes, for long texts. */
  #buffer: Buffer | undefined;
  /** The upper half of what `#varint64` read last. */
  #high = 0;

  constructor(bytes: Uint8Array, { maxDepth = defaultMaxDepth, maxBytes = defaultMaxBytes }: DecodeLimits = {}) {
    if (bytes.length > maxBytes) throw new RangeError(`${bytes.length} bytes are more than maxBytes, which is ${maxBytes}`);
    this.buf = bytes;
    this.len = bytes.length;
    this.#maxDepth = maxDepth;
  }

  /** Steps into a nested message that has its length in front; returns what `leave` needs. */
  enter(): number {
    this.enterGroup();
    return this.narrow();
  }

  /** Steps out of a nested message that is read to its end. */
  leave(outer: number): void {
    this.#depth--;
    this.len = outer;
  }

  /** Steps into a nested message that ends with a tag. */
  enterGroup(): void {
    if (++this.#depth > this.#maxDepth) throw new RangeError(`messages are nested deeper than ${this.#maxDepth}`);
  }

  leaveGroup(): void {
    this.#depth--;
  }

  /** Steps into a packed list; ended by `widen`. */
  narrow(): number {
    const outer = this.len;
    const size = this.#size();
    this.len = this.pos + size;
    return outer;
  }

  widen(outer: number): void {
    this.len = outer;
  }

  /** Called where the bytes of a message are over: throws where `end`, the tag that ends a group, should have come before. -1 is for no group, which no tag is. */
  expectEnd(end: number): void {
    if (end >= 0) throw new RangeError(`group ${end >>> 3} does not end`);
  }

  /** The tag of a field. Whether it can be one is found out by whoever knows the field, or by `skipField`. */
  tag(): number {
    const { buf, pos } = this;
    if (pos >= this.len) throw cutOff();
    const byte = buf[pos] as number;
    this.pos = pos + 1;
    return byte < 0x80 ? byte : this.#shortVarint(byte & 0x7f, "a tag");
  }

  uint32(): number {
    const { buf, pos } = this;
    if (pos >= this.len) throw cutOff();
    const byte = buf[pos] as number;
    if (byte >= 0x80) return this.#varint64();
    this.pos = pos + 1;
    return byte;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const zigzag = this.uint32();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  bool(): boolean {
    const low = this.#varint64();
    return low !== 0 || this.#high !== 0;
  }

  uint64Bigint(): bigint {
    const low = this.#varint64();
    return this.#high === 0 ? BigInt(low) : fromHalves(low, this.#high).getBigUint64(0, true);
  }

  int64Bigint(): bigint {
    const low = this.#varint64();
    return this.#high === 0 ? BigInt(low) : fromHalves(low, this.#high).getBigInt64(0, true);
  }

  sint64Bigint(): bigint {
    const low = this.#varint64();
    const high = this.#high;
    const sign = -(low & 1);
    return fromHalves(((low >>> 1) | (high << 31)) ^ sign, (high >>> 1) ^ sign).getBigInt64(0, true);
  }

  fixed32(): number {
    return this.sfixed32() >>> 0;
  }

  sfixed32(): number {
    const { buf, pos } = this;
    this.#advance(4);
    return (buf[pos] as number) | ((buf[pos + 1] as number) << 8) | ((buf[pos + 2] as number) << 16) | ((buf[pos + 3] as number) << 24);
  }

  fixed64Bigint(): bigint {
    return fromHalves(this.sfixed32(), this.sfixed32()).getBigUint64(0, true);
  }

  sfixed64Bigint(): bigint {
    return fromHalves(this.sfixed32(), this.sfixed32()).getBigInt64(0, true);
  }

  float(): number {
    scratch.setInt32(0, this.sfixed32(), true);
    return scratch.getFloat32(0, true);
  }

  double(): number {
    return fromHalves(this.sfixed32(), this.sfixed32()).getFloat64(0, true);
  }

  /** Text; throws where the bytes are not UTF-8. */
  text(): string {
    const size = this.#size();
    const start = this.pos;
    this.pos = start + size;
    return (size <= shortText ? this.#ascii(start, this.pos) : undefined) ?? this.#strictText(start, this.pos);
  }

  /** Text, with U+FFFD for what is not UTF-8. */
  lenientText(): string {
    const size = this.#size();
    const start = this.pos;
    this.pos = start + size;
    return this.#lenientText(start, this.pos);
  }

  /** A copy, so that a field keeps neither a whole fetch in memory nor shares it. */
  copyBytes(): Uint8Array {
    const size = this.#size();
    const start = this.pos;
    this.pos = start + size;
    return new Uint8Array(this.raw(start, this.pos));
  }

  /** What has been read between two positions; no copy. */
  raw(start: number, end: number): Uint8Array {
    return this.buf.subarray(start, end);
  }

  /** Steps over the value of `tag`; throws where no such tag or value can be. */
  skipField(tag: number): void {
    if (tag < 8) throw new RangeError("a tag has the field number 0");
    switch (tag & 7) {
      case 0:
        this.#varint64();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.#advance(this.#size());
        return;
      case 3:
        this.#skipGroup(tag + 1);
        return;
      case 4:
        throw new RangeError(`group ${tag >>> 3} ends where it has not begun`);
      case 5:
        this.#advance(4);
        return;
      default:
        throw new RangeError(`field ${tag >>> 3} has the wire type ${tag & 7}, which does not exist`);
    }
  }

  #skipGroup(end: number): void {
    this.enterGroup();
    for (let tag = this.#groupTag(end); tag !== end; tag = this.#groupTag(end)) this.skipField(tag);
    this.leaveGroup();
  }

  #groupTag(end: number): number {
    if (this.pos >= this.len) this.expectEnd(end);
    return this.tag();
  }

  #advance(size: number): void {
    const pos = this.pos + size;
    if (pos > this.len) throw new RangeError(`${size} bytes are announced, but ${this.len - this.pos} are left`);
    this.pos = pos;
  }

  /** The length of what follows, which is all there. */
  #size(): number {
    const { buf, pos } = this;
    if (pos >= this.len) throw cutOff();
    const byte = buf[pos] as number;
    this.pos = pos + 1;
    const size = byte < 0x80 ? byte : this.#shortVarint(byte & 0x7f, "a length");
    if (size > this.len - this.pos) throw new RangeError(`${size} bytes are announced, but ${this.len - this.pos} are left`);
    return size;
  }

  /** The rest of a varint of 32 bits at most, the first byte of which is read. */
  #shortVarint(first: number, what: string): number {
    const { buf, len } = this;
    let { pos } = this;
    let value = first;
    for (let shift = 7; shift < 35; shift += 7) {
      if (pos >= len) throw cutOff();
      const byte = buf[pos++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (shift === 28 && byte > 0xf) break;
        this.pos = pos;
        return value >>> 0;
      }
    }
    throw new RangeError(`${what} is longer than 32 bits`);
  }

  /** Reads a varint of up to 64 bits: the lower half is returned, the upper is in `#high`. */
  #varint64(): number {
    const { buf, len } = this;
    let { pos } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= len) throw cutOff();
      const byte = buf[pos++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.pos = pos;
        this.#high = high >>> 0;
        return low >>> 0;
      }
    }
    throw new RangeError("a varint is longer than 10 bytes");
  }

  /** The text of the bytes if all are ASCII. Four at a time, because each piece of a text is put together anew. */
  #ascii(start: number, end: number): string | undefined {
    const { buf } = this;
    let text = "";
    let pos = start;
    for (; pos + 3 < end; pos += 4) {
      const [a, b, c, d] = [buf[pos] as number, buf[pos + 1] as number, buf[pos + 2] as number, buf[pos + 3] as number];
      if ((a | b | c | d) >= 0x80) return undefined;
      text += String.fromCharCode(a, b, c, d);
    }
    for (; pos < end; pos++) {
      const byte = buf[pos] as number;
      if (byte >= 0x80) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #strictText(start: number, end: number): string {
    const text = this.#lenientText(start, end);
    // what is no UTF-8 becomes this character, which may also stand in the text
    if (text.includes("\ufffd") && !Buffer.from(text).equals(this.raw(start, end))) throw new RangeError("a text is no UTF-8");
    return text;
  }

  #lenientText(start: number, end: number): string {
    this.#buffer ??= this.buf instanceof Buffer ? this.buf : Buffer.from(this.buf.buffer, this.buf.byteOffset, this.buf.length);
    return this.#buffer.toString("utf8", start, end);
  }
}

const cutOff = (): RangeError => new RangeError("the bytes end within a field");

function fromHalves(low: number, high: number): DataView {
  scratch.setInt32(0, low, true);
  scratch.setInt32(4, high, true);
  return scratch;
}

/** For `jstype = JS_NUMBER`: refuses what a number would round. */
export function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is no safe integer, as jstype = JS_NUMBER needs; leave jstype away`);
  return number;
}
