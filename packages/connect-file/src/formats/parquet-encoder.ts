import type { ConnectRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { type BasicType, ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { PartFormat } from "./encoder.js";
import { objectOf } from "./row-object.js";
import type { RowOf } from "./text-encoders.js";

/** Types of Parquet columns that records are written as. */
export const parquetTypes = ["BOOLEAN", "INT32", "INT64", "DOUBLE", "STRING", "JSON", "TIMESTAMP", "BYTE_ARRAY"] as const;
export type ParquetType = (typeof parquetTypes)[number] & BasicType;

const isInt32 = (value: unknown) => typeof value === "number" && Number.isInteger(value) && (value | 0) === value;
const isInt64 = (value: unknown) => typeof value === "bigint" && BigInt.asIntN(64, value) === value;

// what hyparquet-writer would write without a fault, or fail at when it is too late to reject one record
const fits: Readonly<Record<ParquetType, (value: unknown) => boolean>> = {
  BOOLEAN: (value) => typeof value === "boolean",
  INT32: isInt32,
  INT64: (value) => isInt64(value) || Number.isSafeInteger(value),
  DOUBLE: (value) => typeof value === "number",
  STRING: (value) => typeof value === "string",
  JSON: () => true,
  TIMESTAMP: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  BYTE_ARRAY: (value) => value instanceof Uint8Array,
};

/** Parquet, a row group every `rowGroupRows` records, each column as `columns` says and null where the record has no such property. */
export function parquetParts(row: RowOf, columns: Readonly<Record<string, ParquetType>>, rowGroupRows: number): PartFormat {
  const names = Object.entries(columns);
  const schema = schemaFromColumnData({ columnData: names.map(([name, type]) => ({ name, type, data: [], nullable: true })) });

  const valuesOf = (record: ConnectRecord<unknown>): readonly unknown[] => {
    const value = objectOf(record, row(record));
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(columns, name));
    if (unknown !== undefined)
      throw new BusError("malformed_message", `${record.id} has the property ${unknown}, which is no column, name it in columns`);
    return names.map(([name, type]) => {
      const field = value[name];
      if (field === undefined || field === null) return null;
      if (!fits[type](field)) throw new BusError("malformed_message", `${record.id} has a value in ${name} that is no ${type}`);
      return type === "INT64" ? BigInt(field as number | bigint) : field;
    });
  };

  return {
    extension: ".parquet",
    create: () => {
      const bytes = new ByteWriter();
      const writer = new ParquetWriter({ writer: bytes, schema });
      let rows: (readonly unknown[])[] = [];
      const take = (): Uint8Array => {
        const taken = Uint8Array.from(bytes.getBytes());
        bytes.index = 0;
        return taken;
      };
      const writeGroup = () => {
        const columnData = names.map(([name, type], index) => ({ name, type, data: rows.map((values) => values[index]) }));
        rows = [];
        // a ByteWriter has no flush to wait for
        void writer.write({ columnData, rowGroupSize: rowGroupRows });
      };
      return {
        add(record) {
          rows.push(valuesOf(record));
          if (rows.length < rowGroupRows) return undefined;
          writeGroup();
          return take();
        },
        end() {
          if (rows.length > 0) writeGroup();
          void writer.finish();
          return take();
        },
      };
    },
  };
}
