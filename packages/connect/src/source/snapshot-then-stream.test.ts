import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSplit, splitContext } from "../../../../test/support/connector-context.js";
import { connectRecord } from "../record.js";
import { snapshotThenStream } from "./snapshot-then-stream.js";
import type { Position, Source } from "./source.js";

type Row = readonly [key: string, value: number];

/** A table with a log of its changes: as a database, and each read of the snapshot sees what is there then. */
class Table {
  readonly rows = new Map<string, number>();
  readonly log: Row[] = [];

  write(key: string): void {
    const value = this.log.length;
    this.rows.set(key, value);
    this.log.push([key, value]);
  }

  source(): Source<Row> {
    const toRecord = (row: Row) => connectRecord({ value: row, id: `${row[1]}`, key: row[0] });
    const { rows, log } = this;
    return snapshotThenStream<Row>({
      name: "table",
      replayable: true,
      start: async () => log.length,
      async *snapshot({ position }) {
        let after = typeof position === "string" ? position : "";
        for (;;) {
          const key = [...rows.keys()].sort().find((each) => each > after);
          if (key === undefined) return;
          after = key;
          yield { records: [toRecord([key, rows.get(key) ?? 0])], position: key };
        }
      },
      async *stream({ position }) {
        for (let at = Number(position); at < log.length; at++) yield { records: log.slice(at, at + 1).map(toRecord), position: at + 1 };
      },
    });
  }
}

describe("snapshotThenStream", () => {
  it("leaves who applies it with what the table holds, wherever it is interrupted and whatever is written meanwhile", async () => {
    const step = fc.oneof(
      fc.constantFrom("a", "b", "c", "d").map((key) => ({ key })),
      fc.constant("read" as const),
      fc.constant("crash" as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const table = new Table();
        const copy = new Map<string, number>();
        let stored: Position | undefined;
        let reading = table.source().read(splitContext("0", stored))[Symbol.asyncIterator]();
        const readOne = async (): Promise<boolean> => {
          const { done, value } = await reading.next();
          if (done === true) return false;
          for (const { value: row } of value.records) copy.set(row[0], row[1]);
          stored = value.position ?? stored;
          return true;
        };
        const again = (): void => {
          reading = table.source().read(splitContext("0", stored))[Symbol.asyncIterator]();
        };
        for (const each of steps) {
          if (each === "crash") again();
          else if (each === "read") (await readOne()) || again();
          else table.write(each.key);
        }
        again();
        while (await readOne());
        expect(copy).toEqual(table.rows);
      }),
    );
  });

  it("stores where the stream begins before it reads the snapshot, and hands progress and acknowledgements on", async () => {
    const acknowledge = () => {};
    const source = snapshotThenStream<string>({
      name: "two",
      replayable: false,
      start: async () => "end of the log",
      async *snapshot() {
        yield { records: [], acknowledge, progress: { done: 1, total: 2, unit: "records" } };
      },
      async *stream({ position }) {
        yield { records: [], position: [position ?? null] };
        yield { records: [], acknowledge };
      },
    });
    const { batches } = await readSplit(source, "0");
    expect(batches).toEqual([
      { records: [], position: { start: "end of the log" } },
      { records: [], position: { start: "end of the log" }, acknowledge, progress: { done: 1, total: 2, unit: "records" } },
      { records: [], position: { stream: "end of the log" } },
      { records: [], position: { stream: ["end of the log"] } },
      { records: [], acknowledge },
    ]);
    await expect(readSplit(source, "0", 7)).rejects.toThrow("the position of split 0 of two is neither in its snapshot nor in its stream: 7");
  });
});
