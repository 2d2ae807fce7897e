const initialBytes = 64 * 1024;
const twoTo32 = 0x1_0000_0000;

/** Longer texts are written by the engine, which a call into it is worth by then. */
const shortText = 64;

/**
 * Writes Protobuf from its end to its beginning: what has its length in front is there already when the length is written, so that nothing is measured
 * first or moved after. Its memory is used again; fields are written last to first.
 */
export class BackwardWriter {
  #buffer = Buffer.allocUnsafeSlow(initialBytes);
  /** Of the first byte that is written. */
  #pos = initialBytes;

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#pos;
  }

  /** What was written, as bytes of their own; begins anew. */
  finish(): Uint8Array {
    const bytes = Uint8Array.from(this.#buffer.subarray(this.#pos));
    this.#pos = this.#buffer.length;
    return bytes;
  }

  tag(field: number, wireType: number): void {
    this.varint((field << 3) | wireType);
  }

  /** Ends, and so begins, a field that has its length in front, and began when so many bytes were `written`. */
  delimited(field: number, written: number): void {
    this.varint(this.length - written);
    this.tag(field, 2);
  }

  /** Any integer; negative ones as 64 bits. */
  varint(value: number): void {
    if (value >= 0 && value < 128) {
      this.#reserve(1);
      this.#buffer[--this.#pos] = value;
    } else if (value >= 0 && value < twoTo32) this.#varint32(value);
    else this.#varint64(BigInt.asUintN(64, BigInt(value)));
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#pos -= 4;
    this.#buffer.writeUInt32LE(value, this.#pos);
  }

  /** @param high upper 32 bits */
  fixed64(low: number, high: number): void {
    this.fixed32(high);
    this.fixed32(low);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#pos -= 8;
    this.#buffer.writeDoubleLE(value, this.#pos);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#pos -= bytes.length;
    this.#buffer.set(bytes, this.#pos);
  }

  /** Bytes that are written as hexadecimal digits, as a field. */
  hex(field: number, digits: string): void {
    const bytes = digits.length >>> 1;
    this.#reserve(bytes);
    this.#pos -= bytes;
    this.#buffer.write(digits, this.#pos, bytes, "hex");
    this.varint(bytes);
    this.tag(field, 2);
  }

  text(field: number, text: string): void {
    // no character takes more than three bytes for each of its units
    this.#reserve(text.length * 3);
    const written = this.length;
    if (text.length > shortText || !this.#ascii(text)) this.#utf8(text);
    this.delimited(field, written);
  }

  /** Writes a text if all of it is ASCII. */
  #ascii(text: string): boolean {
    const buffer = this.#buffer;
    let pos = this.#pos;
    for (let index = text.length - 1; index >= 0; index--) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      buffer[--pos] = code;
    }
    this.#pos = pos;
    return true;
  }

  #utf8(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#pos -= bytes;
    this.#buffer.write(text, this.#pos, bytes, "utf8");
  }

  #varint32(value: number): void {
    const bytes = value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
    this.#reserve(bytes);
    this.#pos -= bytes;
    let rest = value;
    for (let index = this.#pos; index < this.#pos + bytes - 1; index++) {
      this.#buffer[index] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#buffer[this.#pos + bytes - 1] = rest;
  }

  #varint64(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.raw(Uint8Array.from(bytes));
  }

  #reserve(bytes: number): void {
    if (this.#pos >= bytes) return;
    const { length } = this;
    const size = Math.max(this.#buffer.length * 2, length + bytes);
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(this.#buffer.subarray(this.#pos), size - length);
    this.#buffer = larger;
    this.#pos = size - length;
  }
}
