import type { JsonValue, Timestamp } from "@org/bus-core";

/**
 * A value of a column. `int8` is a bigint, `numeric` text (as `date`, `time`, `timestamp` without a zone, `interval`, `uuid`, enums and whatever has no type
 * here), `timestamptz` a `Timestamp` with its microseconds (text where it is infinite or before the year 1), `bytea` bytes, `json` and `jsonb` values of JSON.
 */
export type ColumnValue = null | boolean | number | bigint | string | Uint8Array | Timestamp | JsonValue | readonly ColumnValue[];

/** Columns by name. */
export type Row = Readonly<Record<string, ColumnValue>>;

/** What happened to a row. */
export interface RowChange {
  /** `read`: the row was there when its part of the table was read; it did not change. */
  readonly op: "read" | "insert" | "update" | "delete";
  readonly schema: string;
  readonly table: string;
  /** The columns of the primary key. An update that changes it comes as a delete and an insert. */
  readonly key: Row;
  /** As it was: whole with `replica identity full`; else undefined. */
  readonly before: Row | undefined;
  /** As it is now; undefined: it is gone. */
  readonly after: Row | undefined;
  /** Columns that are not in `after` because an update left a large value as it was, and the server does not write that into its log again. */
  readonly unchanged: readonly string[];
}
