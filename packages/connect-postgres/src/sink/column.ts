import type { ConnectRecord } from "@org/bus-connect";

/** A column of a table, and how it is filled from a record. */
export interface SinkColumn<T> {
  readonly name: string;
  /** The type that it is created with: `timestamptz`. */
  readonly type: string;
  /** Its value as PostgreSQL reads it from text; null is NULL. */
  text(value: T, record: ConnectRecord<T>): string | null;
}
