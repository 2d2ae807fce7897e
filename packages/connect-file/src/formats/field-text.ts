import { jsonText } from "@org/bus-connect";

/** One field of CSV, before it is quoted; nothing for null and undefined. */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return typeof value === "object" ? (jsonText(value) ?? "") : String(value);
}
