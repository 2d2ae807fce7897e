import { openCsv } from "./csv-reader.js";
import { openNdjson } from "./ndjson-reader.js";
import { openParquet } from "./parquet-reader.js";
import type { OpenFormat } from "./reader.js";

export const formatNames = ["ndjson", "csv", "parquet"] as const;

/** How rows lie in a file. */
export type FormatName = (typeof formatNames)[number];

export const readers: Readonly<Record<FormatName, OpenFormat>> = { ndjson: openNdjson, csv: openCsv, parquet: openParquet };

const byExtension: Readonly<Record<string, FormatName>> = { ndjson: "ndjson", jsonl: "ndjson", csv: "csv", parquet: "parquet" };

/** The format that a name tells, with `.gz` behind it or without; undefined where it tells none. */
export function formatOfName(name: string): FormatName | undefined {
  return byExtension[/\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? ""];
}

export function isCompressedName(name: string): boolean {
  return /\.gz$/i.test(name);
}
