/**
 * A message as text of JSON, with what JSON has no word for as Protobuf writes it: 64-bit integers as text, bytes in base64. Undefined where JSON has none
 * at all, as `JSON.stringify`.
 */
export function jsonText(value: unknown): string | undefined {
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, plain: unknown) {
    const raw = this[key];
    if (typeof raw === "bigint") return String(raw);
    // a Buffer has made itself an object by now
    return raw instanceof Uint8Array ? Buffer.from(raw).toString("base64") : plain;
  });
}
