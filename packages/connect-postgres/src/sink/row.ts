import type { ConnectRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import type { SinkColumn } from "./column.js";

/** What becomes of a record in the table. */
export interface Row {
  /** Of the record in its batch. */
  readonly index: number;
  /** Values of the key as text. */
  readonly key: readonly string[];
  /** Of all columns in their order; undefined deletes the row of the key. */
  readonly values: readonly (string | null)[] | undefined;
}

/**
 * A record as a row. A record without a value (a tombstone) deletes the row of its key.
 *
 * @throws {BusError} `malformed_message` when it has no value for a column of the key
 */
export function rowOf<T>(record: ConnectRecord<T | undefined>, index: number, columns: readonly SinkColumn<T>[], key: readonly string[]): Row {
  const { value } = record;
  if (value === undefined || value === null) return { index, key: [tombstoneKey(record, key)], values: undefined };
  const values = columns.map((column) => column.text(value, record as ConnectRecord<T>));
  return {
    index,
    key: key.map((name) => {
      const text = values[columns.findIndex((column) => column.name === name)];
      if (text === null || text === undefined) throw new BusError("malformed_message", `the record has no value for ${name}, which is of the key`);
      return text;
    }),
    values,
  };
}

function tombstoneKey({ key: recordKey }: ConnectRecord<unknown>, key: readonly string[]): string {
  if (key.length !== 1) {
    throw new BusError("malformed_message", `a tombstone has one value for its key, the table has ${key.length} columns (${key.join(", ")})`);
  }
  if (recordKey === null) throw new BusError("malformed_message", "a tombstone without a key says of no row that it is gone");
  return typeof recordKey === "string" ? recordKey : Buffer.from(recordKey).toString("utf8");
}
