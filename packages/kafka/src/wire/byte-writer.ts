/** Writes the integers of the Kafka protocol into a buffer of a known size. */
export class ByteWriter {
  readonly buffer: Buffer;
  position = 0;

  constructor(size: number) {
    // every byte is written
    this.buffer = Buffer.allocUnsafe(size);
  }

  int8(value: number): void {
    this.position = this.buffer.writeInt8(value, this.position);
  }

  int16(value: number): void {
    this.position = this.buffer.writeInt16BE(value, this.position);
  }

  int32(value: number): void {
    this.position = this.buffer.writeInt32BE(value, this.position);
  }

  uint32(value: number): void {
    this.position = this.buffer.writeUInt32BE(value, this.position);
  }

  int64(value: number | bigint): void {
    this.position = this.buffer.writeBigInt64BE(BigInt(value), this.position);
  }

  /** A zigzag varint; exact for integers up to 2^52. */
  varint(value: number): void {
    let rest = zigzag(value);
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.buffer[this.position++] = (rest % 128) | 0x80;
    this.buffer[this.position++] = rest;
  }

  bytes(value: Uint8Array): void {
    this.buffer.set(value, this.position);
    this.position += value.length;
  }
}

/** Bytes that `ByteWriter.varint` takes for `value`. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 128)) size++;
  return size;
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : value * -2 - 1;
}
