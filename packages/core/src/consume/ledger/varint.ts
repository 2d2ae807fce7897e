/** Appends a whole number from 0 to 2^53 - 1: seven bits a byte, the lowest first, as protobuf writes it. */
export function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
}

/** The number at `at` and where the next one begins; undefined when there is none, or it is larger than 2^53 - 1. */
export function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  let factor = 1;
  // 2^53 - 1 takes eight bytes
  for (let index = at; index < at + 8; index++) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return Number.isSafeInteger(value) ? { value, next: index + 1 } : undefined;
    factor *= 128;
  }
  return undefined;
}
