/**
 * The text by which the scheduler tells keys apart, equal exactly when the bytes are. The topic is not part of it: where a stream reads
 * `OrderPlaced` and `OrderPaid`, both of order 42 are one unit of order and exclusion.
 */
export function keyIdentity(key: Uint8Array | null): string | null {
  if (key === null) return null;
  const buffer = Buffer.isBuffer(key) ? key : Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  return buffer.toString("latin1");
}

/**
 * The same for what a key selector returns; values of different types are different keys. Bytes, which most are, cost no second text: what marks the
 * others is no character of Latin-1.
 */
export function selectedKeyIdentity(key: string | number | bigint | Uint8Array | null): string | null {
  if (key === null) return null;
  if (key instanceof Uint8Array) return keyIdentity(key);
  return `\u2192${typeof key}:${key}`;
}

/** A key as people read it: its text where it is UTF-8 without control characters, else hexadecimal. */
export function displayKey(key: Uint8Array | null): string | null {
  if (key === null) return null;
  const text = Buffer.from(key).toString("utf8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
  return /[\u0000-\u001f\u007f\ufffd]/.test(text) ? `0x${Buffer.from(key).toString("hex")}` : text;
}
