import { appendFile, open } from "node:fs/promises";
import { type ConnectRecord, connectRecord, type Sink, type Source } from "@org/bus-connect";

/** What a line holds. */
export interface Line {
  readonly id: string;
  readonly key: string;
}

const chunkBytes = 4096;
const pollMs = 20;

/** Follows a file of JSON lines; a position is the byte behind the last line. */
export function linesSource(path: string): Source<Line> {
  return {
    name: "lines",
    replayable: true,
    async *read({ position, signal }) {
      const file = await open(path, "a+");
      try {
        let at = typeof position === "number" ? position : 0;
        while (!signal.aborted) {
          const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(chunkBytes), position: at });
          const end = buffer.lastIndexOf("\n", bytesRead - 1) + 1;
          if (bytesRead === 0 || end === 0) {
            await new Promise((resolve) => setTimeout(resolve, pollMs));
            continue;
          }
          const batch = linesOf(buffer.subarray(0, end), at, path);
          at += end;
          yield { ...batch, position: at };
        }
      } finally {
        await file.close();
      }
    },
  };
}

function linesOf(bytes: Buffer, start: number, path: string) {
  const records: ConnectRecord<Line>[] = [];
  const unreadable = [];
  let at = start;
  for (const text of bytes.toString().split("\n").slice(0, -1)) {
    const id = `${path}:${at}`;
    try {
      const value: Line = JSON.parse(text);
      records.push(connectRecord({ value, id, key: value.key }));
    } catch (error) {
      unreadable.push({ id, error, original: Buffer.from(text) });
    }
    at += Buffer.byteLength(text) + 1;
  }
  return { records, unreadable };
}

/** Appends JSON lines to a file; refuses what is no line. */
export function linesSink(path: string): Sink<Line> {
  return {
    name: "lines",
    async open() {
      return {
        async write(records) {
          const good = records.filter(({ value }) => value.key !== "");
          await appendFile(path, good.map(({ value }) => `${JSON.stringify(value)}\n`).join(""), { flush: true });
          return records.map((record) =>
            good.includes(record) ? { status: "written" } : { status: "rejected", error: new Error("a line needs a key") },
          );
        },
        async close() {},
      };
    },
  };
}

/*
 * For the suite.
 */

export const createSource = (path: string) => linesSource(path);
export const idOf = (value: Line): string => value.id;
export const createSink = (path: string) => linesSink(path);
export const makeValue = (index: number): Line => ({ id: String(index), key: `k${index}` });
export const poison = (): Line => ({ id: "poison", key: "" });
