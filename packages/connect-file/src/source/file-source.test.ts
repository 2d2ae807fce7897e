import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { connectorContext, readSplit } from "../../../../test/support/connector-context.js";
import { fileSource } from "./file-source.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bus-file-source-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (name: string, content: string | Uint8Array) => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

/** The rows of each format, and files of it with `count` rows. */
const formats = [
  [
    "ndjson",
    (count: number) =>
      rows(count)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(""),
  ],
  [
    "csv",
    (count: number) =>
      `id,name\r\n${rows(count)
        .map(({ id, name }) => `${id},"${name.replaceAll('"', '""')}"\r\n`)
        .join("")}`,
  ],
  [
    "ndjson.gz",
    (count: number) =>
      gzipSync(
        rows(count)
          .map((row) => `${JSON.stringify(row)}\n`)
          .join(""),
      ),
  ],
  [
    "csv.gz",
    (count: number) =>
      gzipSync(
        `id,name\n${rows(count)
          .map(({ id, name }) => `${id},"${name.replaceAll('"', '""')}"\n`)
          .join("")}`,
      ),
  ],
  [
    "parquet",
    (count: number) =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: "id", type: "STRING", data: rows(count).map(({ id }) => id) },
            { name: "name", type: "STRING", data: rows(count).map(({ name }) => name) },
          ],
          rowGroupSize: 10,
        }),
      ),
  ],
] as const;

function rows(count: number) {
  return Array.from({ length: count }, (_, index) => ({ id: String(index), name: `Zoë "${index}",\nof 東京` }));
}

describe.each(formats)("fileSource of %s", (extension, content) => {
  test("gives every row, whatever the position that it goes on from", async () => {
    const path = await write(`people.${extension}`, content(23));
    const source = fileSource({ path, rowsPerBatch: 5 });
    expect(await source.splits?.(connectorContext())).toEqual([{ id: `people.${extension}` }]);
    const whole = await readSplit(source, `people.${extension}`);
    expect(whole.records.map(({ value }) => value)).toEqual(rows(23));
    expect(new Set(whole.records.map(({ id }) => id)).size).toBe(23);
    for (const [index, batch] of whole.batches.entries()) {
      const rest = await readSplit(source, `people.${extension}`, batch.position);
      expect(rest.records).toEqual(whole.batches.slice(index + 1).flatMap(({ records }) => records));
    }
    expect(whole.batches.at(-1)?.progress?.done).toBe(whole.batches.at(-1)?.progress?.total);
  });

  test("notices that the file is another, and reads it again where that is wished", async () => {
    const path = await write(`people.${extension}`, content(23));
    const { batches } = await readSplit(fileSource({ path, rowsPerBatch: 5 }), `people.${extension}`, undefined, 2);
    const position = batches.at(-1)?.position;
    await write(`people.${extension}`, content(22));
    const why = `people.${extension} is not the file that 10 rows were read of`;
    await expect(readSplit(fileSource({ path }), `people.${extension}`, position)).rejects.toThrow(why);
    const again = await readSplit(fileSource({ path, whenReplaced: "read-again" }), `people.${extension}`, position);
    expect(again.records.map(({ value }) => value)).toEqual(rows(22));
  });

  test("has no rows in an empty file but for Parquet, which has no such thing", async () => {
    const path = await write(`empty.${extension}`, "");
    const reading = readSplit(fileSource({ path }), `empty.${extension}`);
    if (extension === "ndjson" || extension === "csv") expect((await reading).records).toEqual([]);
    else await expect(reading).rejects.toThrow(new RegExp(`^empty.${extension} is not whole as `));
  });
});

describe("fileSource", () => {
  test("tells lines that are no JSON or of another encoding by file and line, and goes on", async () => {
    const parts = ['{"a":1}\n', "{a\n", "\n", Buffer.from([0x22, 0xe9, 0x22, 0x0a]), `"${"x".repeat(100)}"\n`, "7"];
    const path = await write("bad.ndjson", Buffer.concat(parts.map((part) => Buffer.from(part))));
    const { records, unreadable } = await readSplit(fileSource({ path, maxRowBytes: 50 }), "bad.ndjson");
    expect(records.map(({ id, value }) => [id, value])).toEqual([
      ["bad.ndjson:1", { a: 1 }],
      ["bad.ndjson:6", 7],
    ]);
    expect(unreadable.map(({ error }) => String(error))).toEqual([
      "BusError: bad.ndjson:2 is not JSON at position 1",
      "BusError: bad.ndjson:4 is not utf-8: set encoding to that of the file",
      "BusError: bad.ndjson:5 is longer than maxRowBytes 50",
    ]);
    expect(unreadable.map(({ original }) => original.length)).toEqual([2, 3, 50]);
  });

  test("tells rows that are no CSV by file and line, and goes on", async () => {
    const text = 'a,b\n1,2\n3\n"4"x,5\n"6\n6",7\n8,\xe9\n9,10,11\n1"2,13\n14,15\n"16,17\n';
    const path = await write("bad.csv", Buffer.from(text, "latin1"));
    const { records, unreadable } = await readSplit(fileSource({ path }), "bad.csv");
    expect(records.map(({ id, value }) => [id, value])).toEqual([
      ["bad.csv:2", { a: "1", b: "2" }],
      ["bad.csv:5", { a: "6\n6", b: "7" }],
      ["bad.csv:10", { a: "14", b: "15" }],
    ]);
    expect(unreadable.map(({ error }) => String(error))).toEqual([
      "BusError: bad.csv:3 has 1 fields, but the header has 2",
      "BusError: bad.csv:4 has a quote out of place",
      "BusError: bad.csv:7 is not utf-8: set encoding to that of the file",
      "BusError: bad.csv:8 has 3 fields, but the header has 2",
      "BusError: bad.csv:9 has a quote out of place",
      "BusError: bad.csv:11 has a quote that is not closed",
    ]);
    const latin = await readSplit(fileSource({ path, encoding: "windows-1252" }), "bad.csv");
    expect(latin.records.map(({ value }) => value)).toContainEqual({ a: "8", b: "é" });
  });

  test("goes on behind rows that were unreadable", async () => {
    const path = await write("bad.csv", "a,b\n1,2\n3\n4,5\n6\n7,8\n");
    const source = fileSource({ path, rowsPerBatch: 1 });
    const whole = await readSplit(source, "bad.csv");
    for (const [index, batch] of whole.batches.entries()) {
      const rest = await readSplit(source, "bad.csv", batch.position);
      expect(rest.records).toEqual(whole.batches.slice(index + 1).flatMap(({ records }) => records));
      expect(rest.unreadable.map(({ id }) => id)).toEqual(
        whole.batches.slice(index + 1).flatMap(({ unreadable = [] }) => unreadable.map(({ id }) => id)),
      );
    }
  });

  test("does not hold the rest of a file for a quote that is not closed", async () => {
    const path = await write("open.csv", `a,b\n1,2\n"3,4\n${"5,6\n".repeat(1000)}`);
    const reading = readSplit(fileSource({ path, maxRowBytes: 1000 }), "open.csv");
    await expect(reading).rejects.toThrow("open.csv:3 is longer than maxRowBytes 1000, is a quote not closed?");
  });

  test("skips a byte order mark, and takes columns by other names", async () => {
    const csv = await write("mark.csv", "\ufeffa;b\n1;2\n");
    expect((await readSplit(fileSource({ path: csv, csv: { delimiter: ";" } }), "mark.csv")).records[0]?.value).toEqual({ a: "1", b: "2" });
    const named = fileSource({ path: csv, csv: { delimiter: ";", header: ["x", "y"] } });
    expect((await readSplit(named, "mark.csv")).records.map(({ value }) => value)).toEqual([
      { x: "a", y: "b" },
      { x: "1", y: "2" },
    ]);
    const json = await write("mark.ndjson", "\ufeff1\n");
    expect((await readSplit(fileSource({ path: json }), "mark.ndjson")).records[0]?.value).toBe(1);
  });

  test("makes values of a schema, and tells rows that break it", async () => {
    const path = await write("typed.csv", "id,amount\n1,2.5\n2,much\n");
    const source = fileSource<{ id: number; amount: number }>({ path, schema: z.object({ id: z.coerce.number(), amount: z.coerce.number() }) });
    const { records, unreadable } = await readSplit(source, "typed.csv");
    expect(records.map(({ value }) => value)).toEqual([{ id: 1, amount: 2.5 }]);
    expect(unreadable).toMatchObject([{ id: "typed.csv:3", error: { violations: [{ path: "amount" }] } }]);
  });

  test("goes on where a file has grown", async () => {
    const path = await write("log.ndjson", "1\n2\n");
    const { batches } = await readSplit(fileSource({ path }), "log.ndjson");
    await appendFile(path, "3\n");
    const rest = await readSplit(fileSource({ path }), "log.ndjson", batches.at(-1)?.position);
    expect(rest.records.map(({ id, value }) => [id, value])).toEqual([["log.ndjson:3", 3]]);
  });

  test("reads the file that it has opened, though another is renamed over it", async () => {
    const line = `"${"x".repeat(1000)}"\n`;
    const path = await write("big.ndjson", line.repeat(2000));
    let read = 0;
    for await (const { records } of fileSource({ path, rowsPerBatch: 100 }).read({
      ...connectorContext(),
      split: { id: "big.ndjson" },
      position: undefined,
    })) {
      if (read === 0) await rename(await write("other.ndjson", "1\n"), path);
      read += records.length;
    }
    expect(read).toBe(2000);
  });

  test("has a split for each file of a folder that matches", async () => {
    await mkdir(join(folder, "2001"));
    for (const name of ["b.ndjson", "2001/a.ndjson", ".hidden.ndjson", "c.ndjson.part", "readme.txt"]) await write(name, "1\n");
    expect(await fileSource({ path: folder }).splits?.(connectorContext())).toEqual([{ id: "2001/a.ndjson" }, { id: "b.ndjson" }]);
    expect(await fileSource({ path: folder, match: /\.txt$/g }).splits?.(connectorContext())).toEqual([{ id: "readme.txt" }]);
    expect((await readSplit(fileSource({ path: folder }), "2001/a.ndjson")).records[0]?.id).toBe("2001/a.ndjson:1");
  });

  test("takes up files of a watched folder when they no longer change", async () => {
    let nowMs = Date.now();
    const context = connectorContext({ clock: { now: () => nowMs, schedule: () => () => {} } });
    const source = fileSource({ path: folder, watch: true, settleMs: 1000 });
    const path = await write("a.ndjson", "1\n");
    nowMs = Date.now();
    expect(await source.splits?.(context)).toEqual([]);
    nowMs += 900;
    await appendFile(path, "2\n");
    expect(await source.splits?.(context)).toEqual([]);
    nowMs += 2000;
    expect(await source.splits?.(context)).toEqual([{ id: "a.ndjson" }]);
    expect(await fileSource({ path: folder, watch: true, settleMs: 0 }).splits?.(context)).toEqual([{ id: "a.ndjson" }]);
  });

  test("tells a Parquet file that is cut off, and a gzip that is", async () => {
    const parquet = formats[4][1](100);
    const cut = await write("cut.parquet", parquet.subarray(0, parquet.length - 10));
    await expect(readSplit(fileSource({ path: cut }), "cut.parquet")).rejects.toMatchObject({ code: "malformed_message", retryable: false });
    const zipped = gzipSync("1\n".repeat(10_000));
    const cutGzip = await write("cut.ndjson.gz", zipped.subarray(0, zipped.length - 10));
    await expect(readSplit(fileSource({ path: cutGzip }), "cut.ndjson.gz")).rejects.toThrow("cut.ndjson.gz is not whole as gzip (Z_BUF_ERROR)");
  });

  test("says what is wrong with a position, with its options and with its path", async () => {
    const path = await write("a.ndjson", "1\n");
    await expect(readSplit(fileSource({ path }), "a.ndjson", "three")).rejects.toThrow("the position of a.ndjson is none of a file");
    expect(() => fileSource({ path, rowsPerBatch: 0 })).toThrow("rowsPerBatch 0 must be >= 1");
    const unknown = await write("a.xyz", "1\n");
    await expect(readSplit(fileSource({ path: unknown }), "a.xyz")).rejects.toThrow("the name a.xyz tells no format");
    await expect(fileSource({ path, watch: true }).check?.(connectorContext())).rejects.toThrow("only a folder can be watched");
    await expect(fileSource({ path: join(folder, "none") }).check?.(connectorContext())).rejects.toThrow("ENOENT");
  });
});
