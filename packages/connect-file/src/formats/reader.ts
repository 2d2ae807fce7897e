import type { UnreadableRecord } from "@org/bus-connect";
import type { Input } from "./input.js";

/** What one row is, before anybody says more of it: any JSON in NDJSON, texts by column in CSV, values by column in Parquet. */
export type Row = unknown;

/** Where a reader goes on: behind `rows` rows (lines in NDJSON), which end at the byte `offset` where the format can be entered there. */
export type ReadFrom = { readonly rows: number; readonly offset: number };

export const fromStart: ReadFrom = { rows: 0, offset: 0 };

export interface NumberedRow {
  readonly value: Row;
  /** What people count in this format: the line, or the row, from 1. */
  readonly number: number;
}

/** Some rows, and where to go on behind them. */
export interface Piece {
  readonly rows: readonly NumberedRow[];
  readonly unreadable: readonly UnreadableRecord[];
  readonly next: ReadFrom;
  /** How far along the input is, in the unit of the reader. */
  readonly done: number;
}

/** The rows of an open input. */
export interface OpenReader {
  readonly total: number;
  readonly unit: "bytes" | "records";
  /** From a `next` of an earlier piece on. Ends at the end of the input. */
  pieces(from: ReadFrom): AsyncIterable<Piece>;
}

/** @throws {BusError} `malformed_message` for an input that is not of the format as a whole */
export type OpenFormat = (input: Input, options: ReaderOptions) => Promise<OpenReader>;

export interface ReaderOptions {
  /** The most rows of a piece. */
  readonly rowsPerPiece: number;
  readonly encoding: "utf-8" | "windows-1252";
  /** The longest row of text, in bytes. */
  readonly maxRowBytes: number;
  readonly compressed: boolean;
  readonly csv: { readonly delimiter: string; readonly header: "first-row" | readonly string[] };
}
