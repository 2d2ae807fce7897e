import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Position, Source, SourceBatch, SourceContext, Split } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import { fromStart, type ReadFrom } from "../formats/reader.js";
import { type FileInput, fingerprintSchema, openFile } from "./file-input.js";
import { FileList } from "./list-files.js";
import { type FileSourceOptions, fileSourceOptions, readFromSchema } from "./options.js";
import { readRows } from "./read-rows.js";

const owner = "fileSource";

/** Behind some rows of the file with this fingerprint; without one, of whatever file is there. */
const positionSchema = z.strictObject({ ...readFromSchema.shape, file: fingerprintSchema.optional() });

/**
 * Reads files of NDJSON, CSV or Parquet. Each file is a split, and its id is its path in the folder; each row is a record, and its id is the file with the
 * number of the line (of the row in Parquet): `flights.csv:812`.
 *
 * Files are complete when they are read: give them their name, or rename them into the folder, when they are. A file that has grown since is read on at the
 * next start.
 *
 * @typeParam T what `schema` makes of a row; without a schema what the caller knows of it
 * @throws {BusError} `invalid_options`
 */
export function fileSource<T = Record<string, unknown>>(options: FileSourceOptions): Source<T> {
  const resolved = resolveOptions(owner, fileSourceOptions, options);
  const { path, match, watch } = resolved;
  const list = new FileList({ path, match, settleMs: watch ? resolved.settleMs : 0 });

  const isFolder = async () => (await stat(path)).isDirectory();
  const pathOf = async (name: string) => ((await isFolder()) ? join(path, name) : path);

  return {
    name: "file",
    replayable: true,
    bounded: !watch,
    async splits({ clock }): Promise<readonly Split[]> {
      const names = (await isFolder()) ? await list.complete(clock) : [basename(path)];
      return names.map((id) => ({ id }));
    },
    async check({ clock }) {
      if (watch && !(await isFolder())) throw new BusError("invalid_options", `${owner}: path ${path} is a file, only a folder can be watched`);
      if (await isFolder()) await list.complete(clock);
    },
    async *read(context: SourceContext): AsyncIterable<SourceBatch<T>> {
      const name = context.split.id;
      await using input = await openFile(await pathOf(name), name);
      const from = await whereToGoOn(input, context, resolved.whenReplaced);
      for await (const { batch, next } of readRows<T>(input, from, resolved)) {
        if (context.signal.aborted) return;
        yield { ...batch, position: { ...next, file: input.fingerprint } };
      }
    },
  };
}

async function whereToGoOn(input: FileInput, { position, split, logger }: SourceContext, whenReplaced: "fail" | "read-again"): Promise<ReadFrom> {
  if (position === undefined) return fromStart;
  const { file, ...from } = parsePosition(split.id, position);
  if (file === undefined || (await input.beginsWith(file))) return from;
  const what = `${input.name} is not the file that ${from.rows} rows were read of`;
  if (whenReplaced === "fail") {
    throw new BusError("offset_out_of_range", `${what}: bring it back, remove the position of ${split.id}, or set whenReplaced to "read-again"`);
  }
  logger.warn({ file: input.name, rows: from.rows }, `${what}, it is read from its beginning`);
  return fromStart;
}

function parsePosition(split: string, position: Position) {
  const result = positionSchema.safeParse(position);
  if (result.success) return result.data;
  throw new BusError(
    "invalid_options",
    `the position of ${split} is none of a file: must be { rows, offset } with the file's fingerprint or without`,
  );
}
