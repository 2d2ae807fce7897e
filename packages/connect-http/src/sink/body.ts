import { type ConnectRecord, jsonText } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { atOnce, messageOf } from "@org/bus-core/internal";
import type { ResolvedHttpSinkOptions } from "./options.js";

/** A record, and what it is in a body. */
export interface Row<T> {
  readonly record: ConnectRecord<T>;
  readonly text: string;
}

/** @throws {BusError} `malformed_message` where it has no JSON */
export function rowOf<T>(record: ConnectRecord<T>, row: ResolvedHttpSinkOptions["row"]): Row<T> {
  try {
    // the records of this sink are those that `row` takes
    const text =
      row === undefined
        ? jsonText(record.value, record.contract)
        : jsonText(atOnce("row of httpSink", (row as (record: ConnectRecord<T>) => unknown)(record)));
    if (text === undefined) throw new TypeError("undefined is no value of JSON");
    return { record, text };
  } catch (cause) {
    throw new BusError("malformed_message", `${record.id} has no JSON: ${messageOf(cause)}`, { cause });
  }
}

const shapes: Readonly<Record<ResolvedHttpSinkOptions["body"], (texts: readonly string[]) => string>> = {
  record: (texts) => texts.join(""),
  array: (texts) => `[${texts.join(",")}]`,
  ndjson: (texts) => `${texts.join("\n")}\n`,
};

/** The body of a request for some records. */
export function bodyOf(rows: readonly Row<unknown>[], shape: ResolvedHttpSinkOptions["body"]): Buffer {
  return Buffer.from(shapes[shape](rows.map(({ text }) => text)));
}
