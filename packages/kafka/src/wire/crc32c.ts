/** CRC-32C (Castagnoli), reversed polynomial, as RFC 3720 § 12.1 gives it. */
const POLYNOMIAL = 0x82f63b78;
const BYTES_AT_ONCE = 8;

/** Table `k` holds the remainders of a byte that is followed by `k` zero bytes, so that eight bytes take one step (slicing by 8, Kounavis and Berry 2005). */
const tables = makeTables();

function makeTables(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    return remainder;
  });
  const made = [first];
  for (let table = first; made.length < BYTES_AT_ONCE; made.push(table)) {
    table = table.map((remainder) => (remainder >>> 8) ^ (first[remainder & 0xff] ?? 0));
  }
  return made;
}

/** The checksum of `bytes[from..to)`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
  // every index below is within its table or the range, which the compiler cannot see
  const at = (array: Int32Array | Uint8Array, index: number) => array[index] as number;
  let crc = -1;
  let position = from;
  for (; position + BYTES_AT_ONCE <= to; position += BYTES_AT_ONCE) {
    const low = crc ^ (at(bytes, position) | (at(bytes, position + 1) << 8) | (at(bytes, position + 2) << 16) | (at(bytes, position + 3) << 24));
    crc =
      at(t7, low & 0xff) ^
      at(t6, (low >>> 8) & 0xff) ^
      at(t5, (low >>> 16) & 0xff) ^
      at(t4, low >>> 24) ^
      at(t3, at(bytes, position + 4)) ^
      at(t2, at(bytes, position + 5)) ^
      at(t1, at(bytes, position + 6)) ^
      at(t0, at(bytes, position + 7));
  }
  for (; position < to; position++) crc = (crc >>> 8) ^ at(t0, (crc ^ at(bytes, position)) & 0xff);
  return (crc ^ -1) >>> 0;
}
