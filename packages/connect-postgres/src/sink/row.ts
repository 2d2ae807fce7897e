import type { ConnectRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import type { SinkColumn } from "./column.js";

/** What becomes of a record in the table. */
export interface Row {
  /** Of the record in its batch. */
  readonly index: number;
  /** Equal for rows of one key: its value as text, or those of several columns as JSON. */
  readonly key: string;
  /** Of all columns in their order, as text; undefined deletes the row of the key. */
  readonly values: readonly (string | null)[] | undefined;
}

/** Makes rows of records; a record without a value (a tombstone) deletes the row of its key. */
export class RowMaker<T> {
  readonly #columns: readonly SinkColumn<T>[];
  readonly #key: readonly string[];
  /** Of the columns of the key. */
  readonly #places: readonly number[];

  constructor(columns: readonly SinkColumn<T>[], key: readonly string[]) {
    this.#columns = columns;
    this.#key = key;
    this.#places = key.map((name) => columns.findIndex((column) => column.name === name));
  }

  /** @throws {BusError} `malformed_message` when the record has no value for a column of the key */
  rowOf(record: ConnectRecord<T | undefined>, index: number): Row {
    const { value } = record;
    if (value === undefined || value === null) return { index, key: this.#tombstoneKey(record), values: undefined };
    const values = this.#columns.map((column) => column.text(value, record as ConnectRecord<T>));
    const key = this.#places.map((place, part) => {
      const text = values[place];
      if (text === null || text === undefined) {
        throw new BusError("malformed_message", `the record has no value for ${this.#key[part]}, which is of the key`);
      }
      return text;
    });
    return { index, key: key.length === 1 ? (key[0] ?? "") : JSON.stringify(key), values };
  }

  #tombstoneKey({ key }: ConnectRecord<unknown>): string {
    if (this.#key.length !== 1) {
      const names = this.#key.join(", ");
      throw new BusError("malformed_message", `a tombstone has one value for its key, the table has ${this.#key.length} columns (${names})`);
    }
    if (key === null) throw new BusError("malformed_message", "a tombstone without a key says of no row that it is gone");
    return typeof key === "string" ? key : Buffer.from(key).toString("utf8");
  }
}
