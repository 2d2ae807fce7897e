import { finished } from "node:stream/promises";
import type { UnreadableRecord } from "@org/bus-connect";
import { BusError, type BusErrorOptions } from "@org/bus-core";
import { type CsvError, type Options, Parser } from "csv-parse";
import type { Input } from "./input.js";
import type { NumberedRow, OpenFormat, Piece, ReaderOptions } from "./reader.js";
import { strictDecoder, textBytes, withoutByteOrderMark } from "./text.js";
import { unreadable } from "./unreadable.js";

/** What the option `raw` makes of a record. */
interface RawRecord {
  readonly record: readonly string[];
  readonly raw: string;
}

/** One row as csv-parse hands it over, or why it did not. */
interface ParsedRow {
  readonly startLine: number;
  readonly raw: string;
  readonly fields: readonly string[];
  readonly error: unknown;
}

/**
 * CSV as RFC 4180 has it. A row with a wrong number of fields, a stray quote or bytes of another encoding is unreadable; the others are read on.
 * Where to go on is a count of rows: what comes before is parsed again, because a line end may be inside of quotes.
 */
export const openCsv: OpenFormat = async (input, options) => ({
  total: input.bytes,
  unit: "bytes",
  async *pieces(from) {
    const decode = strictDecoder(options.encoding);
    const text = (field: string) => (isAscii(field) ? field : decode(Buffer.from(field, "latin1")));
    let header = options.csv.header === "first-row" ? undefined : options.csv.header;
    let count = 0;
    let rows: NumberedRow[] = [];
    let bad: UnreadableRecord[] = [];
    const take = (done: number): Piece => {
      const taken = { rows, unreadable: bad, next: { rows: count, offset: 0 }, done };
      rows = [];
      bad = [];
      return taken;
    };
    const place = (row: ParsedRow, columns: readonly string[]) => {
      try {
        if (row.error !== undefined) throw row.error;
        if (row.fields.length !== columns.length) throw wrongLength(columns.length, row.fields.length);
        rows.push({ value: Object.fromEntries(columns.map((column, index) => [column, text(row.fields[index] ?? "")])), number: row.startLine });
      } catch (error) {
        bad.push(unreadable(input.name, row.startLine, error, Buffer.from(row.raw, "latin1")));
      }
    };
    for await (const { parsed, done } of parsedRows(input, options)) {
      for (const row of parsed) {
        if (header === undefined) {
          header = headerOf(input.name, row, text);
          continue;
        }
        count += 1;
        if (count <= from.rows) continue;
        place(row, header);
        if (rows.length + bad.length === options.rowsPerPiece) yield take(done);
      }
    }
    yield take(input.bytes);
  },
});

/** The rows of each chunk that is read, in order, and how far along the input is. */
async function* parsedRows(input: Input, options: ReaderOptions): AsyncIterable<{ readonly parsed: readonly ParsedRow[]; readonly done: number }> {
  let parsed: ParsedRow[] = [];
  const isWellQuoted = wellQuoted(options.csv.delimiter);
  const parsing: Options<unknown, RawRecord> = {
    delimiter: options.csv.delimiter,
    // one character a byte, so that no byte is lost before it is decoded strictly
    encoding: "latin1",
    raw: true,
    // so that a row ends where it does; which of them are none is looked at afterwards
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: options.maxRowBytes,
    on_record: ({ record, raw }, { lines }) => {
      const error = isWellQuoted(raw) ? undefined : malformed("has a quote out of place");
      parsed.push({ startLine: startLine(lines, raw), raw, fields: record, error });
      return null;
    },
    on_skip: (error, raw = "") => {
      const line = startLine(lineOf(error), raw);
      if (error?.code === "CSV_MAX_RECORD_SIZE") {
        throw new BusError(
          "malformed_message",
          `${input.name}:${line} is longer than maxRowBytes ${options.maxRowBytes}, is a quote not closed? The file cannot be read on from there`,
        );
      }
      const words = error?.code === "CSV_QUOTE_NOT_CLOSED" ? "has a quote that is not closed" : `is not CSV (${error?.code})`;
      parsed.push({ startLine: line, raw, fields: [], error: malformed(words) });
    },
  };
  // its types do not know what `raw` makes of a record
  const parser = new Parser(parsing as unknown as Options);
  // what goes wrong is told where a chunk is written
  parser.on("error", () => {}).resume();
  let done = 0;
  const take = () => {
    const taken = { parsed, done: options.compressed ? 0 : done };
    parsed = [];
    return taken;
  };
  try {
    for await (const chunk of withoutByteOrderMark(textBytes(input, 0, options.compressed))) {
      await new Promise<void>((resolve, reject) => parser.write(chunk, (error) => (error ? reject(error) : resolve())));
      done += chunk.length;
      yield take();
    }
    parser.end();
    await finished(parser, { readable: false });
    yield take();
  } finally {
    parser.destroy();
  }
}

/** `lines` counts those within a row, and not yet the line end behind it. */
function startLine(lines: number, raw: string): number {
  return lines - withoutLineEnd(raw).split("\n").length + 1;
}

function withoutLineEnd(raw: string): string {
  return raw.replace(/\r?\n?$/, "");
}

function lineOf(error: CsvError | undefined): number {
  return error !== undefined && "lines" in error && typeof error.lines === "number" ? error.lines : 0;
}

/** Whether the fields of a row that have quotes begin and end with one, and have only doubled ones within. */
function wellQuoted(delimiter: string): (raw: string) => boolean {
  const separator = delimiter.replace(/[\\^$.*+?()[\]{}|-]/, "\\$&");
  const field = `(?:"[^"]*(?:""[^"]*)*"|[^"${separator}]*)`;
  const row = new RegExp(`^${field}(?:${separator}${field})*$`);
  return (raw) => !raw.includes('"') || row.test(withoutLineEnd(raw));
}

function wrongLength(expected: number, actual: number): BusError {
  return malformed(`has ${actual} fields, but the header has ${expected}`);
}

function headerOf(name: string, row: ParsedRow, text: (field: string) => string): readonly string[] {
  if (row.error !== undefined) throw malformed(`${name}: the header cannot be read`, { cause: row.error });
  const header = row.fields.map(text);
  const twice = header.find((column, index) => header.indexOf(column) !== index);
  if (twice !== undefined) throw malformed(`${name}: the header has ${JSON.stringify(twice)} twice, name the columns by csv.header`);
  return header;
}

function malformed(message: string, options?: BusErrorOptions): BusError {
  return new BusError("malformed_message", message, options);
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has them
  return /^[\x00-\x7f]*$/.test(text);
}
