const initialBytes = 1024;

/** Longer texts are written by the engine, which a call into it is worth by then. */
const shortText = 96;

/** Where 64 bits are put to be taken apart. */
const scratch = new DataView(new ArrayBuffer(8));

/** Writes the fields of a message: tags and values, each as its wire type has it. Values are taken as valid. */
export class Writer {
  #buffer = Buffer.allocUnsafeSlow(initialBytes);
  #pos = 0;
  /** Where the messages and packed lists that are being written began: at their length, for which a byte is kept. */
  readonly #starts: number[] = [];

  /** Bytes written so far. */
  get length(): number {
    return this.#pos;
  }

  /** Bytes of memory that are taken. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** What was written, as bytes of their own. */
  finish(): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.#pos);
    bytes.set(this.view());
    return bytes;
  }

  /** What was written; only until something else is. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#pos);
  }

  /** Begins anew. */
  reset(): void {
    this.#pos = 0;
    this.#starts.length = 0;
  }

  /** Begins what has its length in front; ended by `ldelim`. */
  fork(): this {
    this.#reserve(1);
    this.#starts.push(this.#pos++);
    return this;
  }

  /** Ends what `fork` began. */
  ldelim(): this {
    const start = this.#starts.pop() ?? 0;
    this.#putLength(start, 1, this.#pos - start - 1);
    return this;
  }

  /** For uint32, and for tags. */
  uint32(value: number): this {
    this.#reserve(5);
    this.#pos = this.#varint32(value, this.#pos);
    return this;
  }

  /** For int32 and enums. */
  int32(value: number): this {
    if (value >= 0) return this.uint32(value);
    // negative numbers have ten bytes, as in 64 bits
    this.#reserve(10);
    this.#varint64(value, -1);
    return this;
  }

  sint32(value: number): this {
    return this.uint32(((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** For int64 and uint64: both are written as their two's complement. */
  int64(value: bigint): this {
    this.#reserve(10);
    scratch.setBigInt64(0, value, true);
    this.#varint64(scratch.getInt32(0, true), scratch.getInt32(4, true));
    return this;
  }

  sint64(value: bigint): this {
    this.#reserve(10);
    scratch.setBigInt64(0, value, true);
    const low = scratch.getInt32(0, true);
    const high = scratch.getInt32(4, true);
    const sign = high >> 31;
    this.#varint64((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
    return this;
  }

  bool(value: boolean): this {
    this.#reserve(1);
    this.#buffer[this.#pos++] = value ? 1 : 0;
    return this;
  }

  /** For fixed32 and sfixed32. */
  fixed32(value: number): this {
    this.#reserve(4);
    this.#put32(value);
    return this;
  }

  /** For fixed64 and sfixed64. */
  fixed64(value: bigint): this {
    scratch.setBigInt64(0, value, true);
    return this.#putScratch64();
  }

  float(value: number): this {
    scratch.setFloat32(0, value, true);
    return this.fixed32(scratch.getInt32(0, true));
  }

  double(value: number): this {
    scratch.setFloat64(0, value, true);
    return this.#putScratch64();
  }

  bytes(value: Uint8Array): this {
    return this.uint32(value.length).raw(value);
  }

  /** Bytes that are tags and values already. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#pos);
    this.#pos += bytes.length;
    return this;
  }

  string(value: string): this {
    // no character takes more than three bytes for each of its units
    this.#reserve(value.length * 3 + 5);
    if (value.length >= shortText || !this.#ascii(value)) this.#utf8(value);
    return this;
  }

  /** Writes a short text with its length, if all of it is ASCII. */
  #ascii(text: string): boolean {
    const buffer = this.#buffer;
    let pos = this.#pos;
    buffer[pos++] = text.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      buffer[pos++] = code;
    }
    this.#pos = pos;
    return true;
  }

  #utf8(text: string): void {
    const start = this.#pos;
    // right for ASCII, and hardly ever wrong for the rest
    const lengthSize = varintSize(text.length);
    const written = this.#buffer.write(text, start + lengthSize);
    this.#pos = start + lengthSize + written;
    this.#putLength(start, lengthSize, written);
  }

  /** Puts a length at `start`, where `size` bytes are kept for it; what follows moves if that is not enough. */
  #putLength(start: number, size: number, length: number): void {
    const needed = varintSize(length);
    if (needed > size) {
      this.#reserve(needed - size);
      this.#buffer.copyWithin(start + needed, start + size, this.#pos);
      this.#pos += needed - size;
    }
    this.#varint32(length, start);
  }

  /** Returns the position behind the varint. */
  #varint32(value: number, start: number): number {
    const buffer = this.#buffer;
    let pos = start;
    let rest = value;
    while (rest > 0x7f) {
      buffer[pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[pos++] = rest;
    return pos;
  }

  #varint64(lowBits: number, highBits: number): void {
    const buffer = this.#buffer;
    let pos = this.#pos;
    let low = lowBits >>> 0;
    let high = highBits >>> 0;
    while (high !== 0) {
      buffer[pos++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#pos = this.#varint32(low, pos);
  }

  #put32(bits: number): void {
    const buffer = this.#buffer;
    const pos = this.#pos;
    buffer[pos] = bits;
    buffer[pos + 1] = bits >>> 8;
    buffer[pos + 2] = bits >>> 16;
    buffer[pos + 3] = bits >>> 24;
    this.#pos = pos + 4;
  }

  #putScratch64(): this {
    this.#reserve(8);
    this.#put32(scratch.getInt32(0, true));
    this.#put32(scratch.getInt32(4, true));
    return this;
  }

  /** Makes room for `bytes` more. */
  #reserve(bytes: number): void {
    if (this.#pos + bytes > this.#buffer.length) this.#grow(this.#pos + bytes);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.view());
    this.#buffer = larger;
  }
}

function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}
