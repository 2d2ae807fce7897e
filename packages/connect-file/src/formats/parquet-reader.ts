import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import { type ColumnData, type FileMetaData, parquetMetadataAsync, parquetRead } from "hyparquet";
import { compressors as inJavaScript } from "hyparquet-compressors";
import type { Input } from "./input.js";
import type { OpenFormat } from "./reader.js";

/** Rows that are decoded together: a row group, and of larger ones so many that memory stays flat. */
const maxWindowRows = 300_000;

// those of Node are native
const compressors = {
  ...inJavaScript,
  GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
  BROTLI: (bytes: Uint8Array) => brotliDecompressSync(bytes),
  ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes),
};

/**
 * Parquet: 64-bit integers are `bigint`, timestamps and dates are `Date`, absent values null. One row group is in memory at a time, as columns; rows are
 * made of them as they are asked for. A file that is damaged has no rows to skip, so it fails as a whole.
 */
export const openParquet: OpenFormat = async (input, { rowsPerPiece }) => {
  const metadata = await ofParquet(input, () => parquetMetadataAsync(input.bytes === 0 ? emptyFile(input) : fileOf(input)));
  const total = Number(metadata.num_rows);
  return {
    total,
    unit: "records",
    async *pieces(from) {
      for (const { start, end } of windows(metadata, from.rows)) {
        const columns = await ofParquet(input, () => readColumns(input, metadata, start, end));
        for (let row = start; row < end; row += rowsPerPiece) {
          const next = Math.min(row + rowsPerPiece, end);
          const rows = Array.from({ length: next - row }, (_, index) => ({ value: rowAt(columns, row + index), number: row + index + 1 }));
          yield { rows, unreadable: [], next: { rows: next, offset: 0 }, done: next };
        }
      }
    },
  };
};

interface Window {
  readonly start: number;
  readonly end: number;
}

function* windows(metadata: FileMetaData, from: number): Iterable<Window> {
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    for (let start = Math.max(groupStart, from); start < groupEnd; start += maxWindowRows) {
      yield { start, end: Math.min(start + maxWindowRows, groupEnd) };
    }
    groupStart = groupEnd;
  }
}

/** The parts of each column that hold the rows of a window; they may begin before it. */
type Columns = ReadonlyMap<string, ColumnData[]>;

async function readColumns(input: Input, metadata: FileMetaData, rowStart: number, rowEnd: number): Promise<Columns> {
  const columns = new Map<string, ColumnData[]>();
  await parquetRead({
    file: fileOf(input),
    metadata,
    compressors,
    rowStart,
    rowEnd,
    useOffsetIndex: true,
    onChunk: (chunk) => {
      const parts = columns.get(chunk.columnName);
      if (parts === undefined) columns.set(chunk.columnName, [chunk]);
      else parts.push(chunk);
    },
  });
  return columns;
}

function rowAt(columns: Columns, row: number): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, parts] of columns) {
    const part = parts.find(({ rowStart, rowEnd }) => rowStart <= row && row < rowEnd);
    value[name] = part?.columnData[row - part.rowStart] ?? null;
  }
  return value;
}

function fileOf(input: Input) {
  return { byteLength: input.bytes, slice: (start: number, end = input.bytes) => input.slice(start, end) };
}

function emptyFile(input: Input): never {
  throw new Error(`${input.bytes} bytes`);
}

async function ofParquet<T>(input: Input, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    // what the system says (a file that is gone, a store that does not answer) has a code or a status; what hyparquet finds wrong has none
    if (cause instanceof BusError || (cause instanceof Error && ("code" in cause || "$metadata" in cause))) throw cause;
    throw new BusError("malformed_message", `${input.name} is not whole as Parquet: ${messageOf(cause)}`, { cause });
  }
}
