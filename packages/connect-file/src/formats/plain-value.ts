/** As the JSON of Protobuf writes them: 64-bit integers as text, bytes in base64. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, plain: unknown) {
    const raw = this[key];
    if (typeof raw === "bigint") return String(raw);
    // a Buffer has made itself an object by now
    if (raw instanceof Uint8Array) return Buffer.from(raw).toString("base64");
    return plain;
  });
}

/** One field of CSV, before it is quoted; nothing for null and undefined. */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return typeof value === "object" ? jsonText(value) : String(value);
}
