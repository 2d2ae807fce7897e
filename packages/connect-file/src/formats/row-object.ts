import type { ConnectRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";

/** A row for a format that has columns. */
export function objectOf(record: ConnectRecord<unknown>, row: unknown): Readonly<Record<string, unknown>> {
  if (typeof row === "object" && row !== null && !Array.isArray(row)) return row as Readonly<Record<string, unknown>>;
  throw new BusError("malformed_message", `${record.id} is no object with a value for each column, row must give one`);
}
