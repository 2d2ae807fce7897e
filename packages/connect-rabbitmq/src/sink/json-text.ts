/** As the JSON of Protobuf writes them: 64-bit integers as text, bytes in base64. Undefined for what JSON has no word for. */
export function jsonText(value: unknown): string | undefined {
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, plain: unknown) {
    const raw = this[key];
    if (typeof raw === "bigint") return String(raw);
    // a Buffer has made itself an object by now
    if (raw instanceof Uint8Array) return Buffer.from(raw).toString("base64");
    return plain;
  });
}
