import { type ConnectRecord, jsonText } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { stringify } from "csv-stringify/sync";
import type { PartFormat } from "./encoder.js";
import { fieldText } from "./field-text.js";
import { objectOf } from "./row-object.js";

/** What a record is in a part. */
export type RowOf = (record: ConnectRecord<unknown>) => unknown;

/** A value of JSON a line. */
export function ndjsonParts(row: RowOf): PartFormat {
  return {
    extension: ".ndjson",
    create: () => ({
      add(record) {
        const text = jsonText(row(record));
        // what JSON has no word for: undefined, a function
        if (text === undefined) throw new BusError("malformed_message", `${record.id} has no JSON, row must give a value of JSON`);
        return Buffer.from(`${text}\n`);
      },
      end: () => undefined,
    }),
  };
}

/** A header, and a row a record, as RFC 4180 has it but with a line feed alone. The header is `columns`, or the properties of the first record of the part. */
export function csvParts(row: RowOf, columns: readonly string[] | undefined, delimiter: string): PartFormat {
  const line = (fields: readonly string[]) => stringify([fields], { delimiter });
  return {
    extension: ".csv",
    create: () => {
      let header = columns;
      let isBegun = false;
      return {
        add(record) {
          const value = objectOf(record, row(record));
          const names = header ?? Object.keys(value);
          const unknown = Object.keys(value).find((name) => !names.includes(name));
          if (unknown !== undefined) {
            throw new BusError(
              "malformed_message",
              `${record.id} has the property ${unknown}, which is no column (${names.join(", ")}), name it in columns`,
            );
          }
          const text = line(names.map((name) => fieldText(value[name])));
          header = names;
          const begin = isBegun ? "" : line(names);
          isBegun = true;
          return Buffer.from(begin + text);
        },
        end: () => undefined,
      };
    },
  };
}
