import { type ConnectRecord, connectRecord, type SourceBatch, type UnreadableRecord } from "@org/bus-connect";
import { BusError, type Violation } from "@org/bus-core";
import type { z } from "zod";
import { type FormatName, formatOfName, isCompressedName, readers } from "../formats/format.js";
import type { Input } from "../formats/input.js";
import type { NumberedRow, OpenReader, Piece, ReadFrom } from "../formats/reader.js";
import { unreadable } from "../formats/unreadable.js";
import type { RowOptions } from "./options.js";

/** The rows of an input as batches without a position, each with where to go on behind it. */
export async function* readRows<T>(
  input: Input,
  from: ReadFrom,
  options: RowOptions,
): AsyncIterable<{ readonly batch: SourceBatch<T>; readonly next: ReadFrom }> {
  const reader = await openReader(input, options);
  for await (const piece of reader.pieces(from)) {
    const { records, unreadable } = toRecords<T>(input, piece, options.schema);
    const progress = { done: piece.done, total: reader.total, unit: reader.unit };
    yield { batch: { records, ...(unreadable.length > 0 && { unreadable }), progress }, next: piece.next };
  }
}

function openReader(input: Input, options: RowOptions): Promise<OpenReader> {
  const open = readers[options.format ?? knownFormat(input.name)];
  return open(input, {
    rowsPerPiece: options.rowsPerBatch,
    encoding: options.encoding,
    maxRowBytes: options.maxRowBytes,
    compressed: options.compressed ?? isCompressedName(input.name),
    csv: options.csv,
  });
}

function knownFormat(name: string): FormatName {
  const format = formatOfName(name);
  if (format === undefined) throw new BusError("invalid_options", `the name ${name} tells no format, set format to ndjson, csv or parquet`);
  return format;
}

function toRecords<T>(input: Input, piece: Piece, schema: z.ZodType | undefined): Required<Pick<SourceBatch<T>, "records" | "unreadable">> {
  if (schema === undefined) return { records: piece.rows.map((row) => toRecord<T>(input.name, row.number, row.value)), unreadable: piece.unreadable };
  const records: ConnectRecord<T>[] = [];
  const bad: UnreadableRecord[] = [...piece.unreadable];
  for (const row of piece.rows) {
    const result = schema.safeParse(row.value);
    if (result.success) records.push(toRecord(input.name, row.number, result.data));
    else bad.push(brokenRow(input.name, row, result.error));
  }
  return { records, unreadable: bad };
}

// T is what the user's schema makes, or what the user says of a file without one
function toRecord<T>(name: string, number: number, value: unknown): ConnectRecord<T> {
  return connectRecord({ value: value as T, id: `${name}:${number}` });
}

function brokenRow(name: string, row: NumberedRow, error: z.ZodError): UnreadableRecord {
  const violations: Violation[] = error.issues.map(({ path, code, message }) => ({ path: path.join("."), rule: code, message }));
  const words = violations.map(({ path, message }) => `${path === "" ? "the row" : path}: ${message}`).join("; ");
  const text = JSON.stringify(row.value, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return unreadable(name, row.number, new BusError("malformed_message", `breaks the schema: ${words}`, { violations }), Buffer.from(text));
}
