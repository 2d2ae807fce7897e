import type { UnreadableRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { type Line, lines } from "./lines.js";
import type { NumberedRow, OpenFormat, Piece } from "./reader.js";
import { strictDecoder, textBytes } from "./text.js";
import { unreadable } from "./unreadable.js";

/** Newline-delimited JSON: a value a line, empty lines aside. Entered at any line by its byte. */
export const openNdjson: OpenFormat = async (input, { rowsPerPiece, encoding, maxRowBytes, compressed }) => {
  const decode = strictDecoder(encoding);

  /** Undefined for an empty line. */
  const parse = (line: Line, number: number): NumberedRow | UnreadableRecord | undefined => {
    try {
      if (line.isTooLong) throw new BusError("malformed_message", `is longer than maxRowBytes ${maxRowBytes}`);
      const text = decode(number === 1 ? withoutByteOrderMark(line.bytes) : line.bytes);
      return text.trim() === "" ? undefined : { value: parseJson(text), number };
    } catch (error) {
      return unreadable(input.name, number, error, line.bytes);
    }
  };

  return {
    total: input.bytes,
    unit: "bytes",
    async *pieces(from) {
      let { rows: number, offset } = from;
      let piece = emptyPiece();
      const take = (): Piece => {
        // what has been read of a compressed input says nothing of how much of it there is
        const taken = { ...piece, next: { rows: number, offset }, done: compressed ? 0 : offset };
        piece = emptyPiece();
        return taken;
      };
      for await (const found of lines(textBytes(input, from.offset, compressed), maxRowBytes)) {
        for (const line of found) {
          number += 1;
          offset += line.length;
          const parsed = parse(line, number);
          if (parsed === undefined) continue;
          if ("original" in parsed) piece.unreadable.push(parsed);
          else piece.rows.push(parsed);
          if (piece.rows.length + piece.unreadable.length === rowsPerPiece) yield take();
        }
      }
      yield { ...take(), done: input.bytes };
    },
  };
};

function emptyPiece(): { rows: NumberedRow[]; unreadable: UnreadableRecord[] } {
  return { rows: [], unreadable: [] };
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // the message of V8 quotes the text, which may be sensitive
    const position = /at position \d+/.exec(error instanceof Error ? error.message : "")?.[0];
    throw new BusError("malformed_message", `is not JSON${position === undefined ? "" : ` ${position}`}`);
  }
}
