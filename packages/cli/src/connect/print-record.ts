import type { DryRunRecord } from "@org/bus-connect";

/** A record of a dry run as one line of JSON. */
export function printRecord(connector: string, made: DryRunRecord): string {
  if (!made.ok) return JSON.stringify({ connector, id: made.id, failed: made.stage, error: made.error });
  const { id, key, value, contract } = made.record;
  const text = key === null ? null : typeof key === "string" ? key : Buffer.from(key).toString();
  return JSON.stringify({ connector, id, key: text, ...(contract === undefined ? {} : { contract: contract.typeName }), value }, plain);
}

function plain(this: unknown, _name: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value instanceof Map ? Object.fromEntries(value) : value;
}
