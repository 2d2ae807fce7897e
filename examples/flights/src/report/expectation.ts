import { readFile } from "node:fs/promises";
import { zstdDecompressSync } from "node:zlib";
import { parquetMetadata, parquetRead } from "hyparquet";
import { flightsFile } from "../file/flights-file.js";

/** What a plain count over the file says of an airport. */
export interface PlainCount {
  flights: number;
  delayedFlights: number;
  totalDelayMinutes: number;
  longestDelayMinutes: number;
}

/** Counts the first `rows` flights of the file per airport of departure, column by column, with nothing of what the pipeline is made of. */
export async function plainCount(rows = Infinity): Promise<ReadonlyMap<string, PlainCount>> {
  const bytes = await readFile(flightsFile);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  const counts = new Map<string, PlainCount>();
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const columns = new Map<string, ArrayLike<unknown>>();
    const rowEnd = rowStart + Number(group.num_rows);
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      columns: ["origin", "delay"],
      compressors: { ZSTD: (page) => zstdDecompressSync(page) },
      onChunk: ({ columnName, columnData }) => columns.set(columnName, columnData),
    });
    for (let index = 0; index < Math.min(rowEnd, rows) - rowStart; index += 1) {
      add(counts, String(columns.get("origin")?.[index]), Number(columns.get("delay")?.[index]));
    }
    rowStart = rowEnd;
  }
  return counts;
}

function add(counts: Map<string, PlainCount>, origin: string, delay: number): void {
  const count = counts.get(origin) ?? { flights: 0, delayedFlights: 0, totalDelayMinutes: 0, longestDelayMinutes: delay };
  counts.set(origin, count);
  count.flights += 1;
  if (delay > 15) count.delayedFlights += 1;
  count.totalDelayMinutes += delay;
  if (delay > count.longestDelayMinutes) count.longestDelayMinutes = delay;
}
