import { z } from "zod";
import { formatNames } from "../formats/format.js";

/** What every source that reads rows out of files or objects takes. */
export const rowOptions = {
  format: z
    .enum(formatNames)
    .optional()
    .describe("how rows lie in a file; by the extension (`.ndjson`, `.jsonl`, `.csv`, `.parquet`) where it is left out"),
  compressed: z.boolean().optional().describe("whether NDJSON and CSV are compressed with gzip; by the extension `.gz` where it is left out"),
  encoding: z.enum(["utf-8", "windows-1252"]).default("utf-8").describe("of NDJSON and CSV; bytes that are none of it make their row unreadable"),
  maxRowBytes: z
    .int()
    .min(1)
    .max(256 * 2 ** 20)
    .default(4 * 2 ** 20)
    .describe("the longest row of NDJSON and CSV"),
  rowsPerBatch: z.int().min(1).max(100_000).default(1000).describe("the most rows that are read together"),
  csv: z
    .strictObject({
      delimiter: z.string().length(1).default(",").describe("one character"),
      header: z
        .union([z.literal("first-row"), z.array(z.string()).min(1)])
        .default("first-row")
        .describe("`first-row`, or names where the first row is data"),
    })
    .prefault({})
    .describe("what separates fields, and the names of the columns where the first row does not say them"),
  schema: z
    .custom<z.ZodType>((value) => value instanceof z.ZodType, { error: "must be a zod schema" })
    .optional()
    .describe("zod schema of a row: gives records their type; a row that breaks it is unreadable"),
};

/** What a source of files takes. */
export const fileSourceOptions = z.strictObject({
  path: z.string().min(1).describe("a file, or a folder of which all files are read, those in its folders too"),
  match: z
    .instanceof(RegExp)
    .optional()
    .describe("which files of a folder, by their path in it with `/`; those of a known extension where it is left out"),
  watch: z.boolean().default(false).describe("whether to go on with files that come into the folder later, until the connector stops"),
  settleMs: z
    .int()
    .min(0)
    .default(2000)
    .describe("how long a file of a watched folder must not have changed before it is read, in ms; 0 where files are renamed into it when complete"),
  whenReplaced: z
    .enum(["fail", "read-again"])
    .default("fail")
    .describe("what to do with a file that is not the one that was begun: it is shorter, or its beginning or what had been its end differs"),
  ...rowOptions,
});

/** What a source of files takes; see the table of its options. */
export type FileSourceOptions = z.input<typeof fileSourceOptions>;
export type ResolvedFileSourceOptions = z.output<typeof fileSourceOptions>;

/** The options that say how rows are read. */
export type RowOptions = Pick<ResolvedFileSourceOptions, keyof typeof rowOptions>;

/** Where reading goes on, for positions. */
export const readFromSchema = z.strictObject({ rows: z.int().min(0), offset: z.int().min(0) });
