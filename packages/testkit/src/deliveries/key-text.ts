/** Keys as text; bytes that are no UTF-8 in hexadecimal. */
export function keyText(key: Uint8Array | null): string | null {
  if (key === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(key);
  } catch {
    return `0x${Buffer.from(key).toString("hex")}`;
  }
}
