import type { ConnectRecord } from "@org/bus-connect";
import { z } from "zod";
import { formatNames } from "../formats/format.js";
import { parquetTypes } from "../formats/parquet-encoder.js";
import { spans } from "../parts/lane.js";

/** What every sink that writes parts takes. */
export const partOptions = {
  format: z.enum(formatNames).describe("how records lie in a part"),
  row: z
    .custom<(record: ConnectRecord<never>) => unknown>((value) => typeof value === "function", { error: "must be a function" })
    .optional()
    .describe("what a record is in a part; its value where it is left out"),
  columns: z
    .union([z.array(z.string().min(1)).min(1), z.record(z.string().min(1), z.enum(parquetTypes))])
    .optional()
    .describe(
      'Parquet: the type of each column, such as `{ origin: "STRING" }`. CSV: the header; the properties of the first record of a part where it is left out',
    ),
  delimiter: z.string().length(1).default(",").describe("what separates fields of CSV"),
  rowGroupRows: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe("records of a row group of Parquet; so many are held in memory for each partition"),
  compress: z.boolean().default(false).describe("whether NDJSON and CSV are compressed with gzip; Parquet always is, with Snappy"),
  maxBytes: z
    .int()
    .min(1)
    .default(128 * 2 ** 20)
    .describe("how large a part grows before the next one is begun, in bytes before gzip; each flush of the connector ends the current ones, too"),
  partitionBy: z.enum(spans).default("none").describe("folders by the time of the records, in UTC: `date=2026-11-28/`, `hour=16/` in it"),
};

/** What the options of a part must be together. */
export function columnsFit({ format, columns }: { readonly format: string; readonly columns?: unknown }): boolean {
  return format === "parquet"
    ? columns !== undefined && !Array.isArray(columns)
    : columns === undefined || (Array.isArray(columns) && format === "csv");
}

export const columnsFault = { path: ["columns"], error: "must be the types by column for Parquet, names for CSV, and is not for NDJSON" };

/** What a sink of files takes. */
export const fileSinkOptions = z
  .strictObject({
    folder: z.string().min(1).describe("where the files go; it is made if it is not there"),
    ...partOptions,
  })
  .refine(columnsFit, columnsFault);

/** What a sink of files takes; see the table of its options. */
export interface FileSinkOptions<T = unknown> extends Omit<z.input<typeof fileSinkOptions>, "row"> {
  /** What a record is in a file. @default its value */
  readonly row?: ((record: ConnectRecord<T>) => unknown) | undefined;
}
