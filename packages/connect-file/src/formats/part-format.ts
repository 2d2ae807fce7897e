import { gzipSync } from "node:zlib";
import type { PartFormat } from "./encoder.js";
import type { FormatName } from "./format.js";
import { type ParquetType, parquetParts } from "./parquet-encoder.js";
import { csvParts, ndjsonParts, type RowOf } from "./text-encoders.js";

/** How records become the bytes of parts. */
export interface PartFormatOptions {
  readonly format: FormatName;
  readonly row: RowOf;
  readonly columns?: readonly string[] | Readonly<Record<string, ParquetType>> | undefined;
  readonly delimiter: string;
  readonly rowGroupRows: number;
  readonly compress: boolean;
}

export function partFormat(options: PartFormatOptions): PartFormat {
  const { format, row, columns } = options;
  // which of the two shapes `columns` has, the schema of the options has checked
  if (format === "parquet") return parquetParts(row, (columns ?? {}) as Readonly<Record<string, ParquetType>>, options.rowGroupRows);
  const plain = format === "ndjson" ? ndjsonParts(row) : csvParts(row, columns as readonly string[] | undefined, options.delimiter);
  return options.compress ? { ...plain, extension: `${plain.extension}.gz` } : plain;
}

/** A member of gzip; members one behind the other are gzip again. */
export function gzipMember(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes);
}
