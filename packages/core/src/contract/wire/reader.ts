import { Reader } from "protobufjs/minimal.js";
import { maxDepth } from "../rules/faults.js";

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const shortText = 12;

/** Reads the fields of one message, strictly: nothing past the end of the message at hand, text only where it is UTF-8. */
export class MessageReader extends Reader {
  #depth = 0;
  readonly #buffer: Buffer;

  constructor(bytes: Uint8Array) {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    super(buffer);
    this.#buffer = buffer;
  }

  /** Steps into a nested message; returns what `leave` needs. */
  enter(): number {
    if (++this.#depth > maxDepth) throw new RangeError(`messages are nested deeper than ${maxDepth}`);
    return this.narrow();
  }

  /** Steps out of a nested message that is read to its end. */
  leave(outer: number): void {
    this.#depth--;
    this.len = outer;
  }

  /** Steps into a packed list; ended by `widen`. */
  narrow(): number {
    const outer = this.len;
    const size = this.size();
    if (this.pos + size > outer) throw new RangeError(`${size} bytes are announced, but ${outer - this.pos} are left`);
    this.len = this.pos + size;
    return outer;
  }

  widen(outer: number): void {
    this.len = outer;
  }

  /** Text; throws where the bytes are not UTF-8. */
  text(): string {
    const size = this.size();
    const start = this.pos;
    const end = start + size;
    if (end > this.len) throw new RangeError(`${size} bytes are announced, but ${this.len - start} are left`);
    this.pos = end;
    return size < shortText ? this.#shortText(start, end) : this.#longText(start, end);
  }

  /** Faster than a call into the engine, which pays off from a dozen bytes on. */
  #shortText(start: number, end: number): string {
    let text = "";
    for (let pos = start; pos < end; pos++) {
      const byte = this.buf[pos] ?? 0;
      if (byte >= 0x80) return this.#longText(start, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #longText(start: number, end: number): string {
    const text = this.#buffer.toString("utf8", start, end);
    // what is no UTF-8 becomes this character, which may also stand in the text
    return text.includes("\ufffd") ? strictDecoder.decode(this.buf.subarray(start, end)) : text;
  }

  /** A copy, so that a field keeps neither a whole fetch in memory nor shares it. */
  copyBytes(): Uint8Array {
    return new Uint8Array(this.bytes());
  }

  /** Steps over the value of `tag`; throws where no such value can be. */
  skipField(tag: number): void {
    this.skipType(tag & 7, 0, tag >>> 3);
  }

  uint64Bigint(): bigint {
    const low = this.#varint();
    return this.#high === 0 ? BigInt(low) : (BigInt(this.#high) << 32n) | BigInt(low);
  }

  int64Bigint(): bigint {
    const low = this.#varint();
    if (this.#high === 0) return BigInt(low);
    return (BigInt(this.#high | 0) << 32n) | BigInt(low);
  }

  sint64Bigint(): bigint {
    const zigzag = this.uint64Bigint();
    return (zigzag & 1n) === 0n ? zigzag >> 1n : -((zigzag + 1n) >> 1n);
  }

  fixed64Bigint(): bigint {
    const low = BigInt(this.fixed32());
    return (BigInt(this.fixed32()) << 32n) | low;
  }

  sfixed64Bigint(): bigint {
    const low = BigInt(this.fixed32());
    return (BigInt(this.sfixed32()) << 32n) | low;
  }

  /** The upper half of what `#varint` read last. */
  #high = 0;

  /** Reads a varint of up to 64 bits: the lower half is returned, the upper is in `#high`. */
  #varint(): number {
    const { buf, len } = this;
    let pos = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= len) throw new RangeError("a varint is cut off");
      const byte = buf[pos++] ?? 0;
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
}

/** For `jstype = JS_NUMBER`: refuses what a number would round. */
export function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is no safe integer, as jstype = JS_NUMBER needs; leave jstype away`);
  return number;
}
