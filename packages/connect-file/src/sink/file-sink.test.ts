import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { SinkWriter } from "@org/bus-connect";
import { parse } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectorContext, readSplit, topicRecord } from "../../../../test/support/connector-context.js";
import { fileSource } from "../source/file-source.js";
import { fileSink } from "./file-sink.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bus-file-sink-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** All files, hidden ones too, without the notes of where they end. */
const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith("-ends"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
const lines = (name: string) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
const write = <T>(writer: SinkWriter<T>, records: Parameters<SinkWriter<T>["write"]>[0]) =>
  writer.write(records, { signal: new AbortController().signal, attempt: 1 });
const flush = (writer: SinkWriter<unknown>) => writer.flush?.({ signal: new AbortController().signal, attempt: 1 });
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => topicRecord(from + index, from + index));

describe("fileSink", () => {
  test("shows a file when it is flushed, under the offset that it begins with, and nothing before", async () => {
    const writer = await fileSink({ folder, format: "ndjson" }).open(connectorContext());
    const outcomes = await write(writer, [topicRecord({ id: 1n, at: new Date(0), bytes: new Uint8Array([1, 2]) }, 7), topicRecord({ id: 2n }, 9)]);
    expect(outcomes).toEqual([{ status: "held" }, { status: "held" }]);
    expect(files()).toEqual([expect.stringMatching(/^orders\/\.orders-00000-0000000000000007\.ndjson\.[0-9a-f]{12}\.part$/)]);
    await flush(writer);
    expect(files()).toEqual(["orders/orders-00000-0000000000000007.ndjson"]);
    expect(lines("orders/orders-00000-0000000000000007.ndjson")).toEqual(['{"id":"1","at":"1970-01-01T00:00:00.000Z","bytes":"AQI="}', '{"id":"2"}']);
  });

  test("removes what is unfinished when it is closed, and what a crash has left when the partition is taken over", async () => {
    const sink = fileSink({ folder, format: "ndjson" });
    const closed = await sink.open(connectorContext());
    await write(closed, numbers(0, 3));
    await closed.close();
    expect(files()).toEqual([]);
    await write(await sink.open(connectorContext()), numbers(0, 3));
    expect(files()).toHaveLength(1);
    const writer = await sink.open(connectorContext());
    await write(writer, numbers(0, 2));
    await flush(writer);
    expect(files()).toEqual(["orders/orders-00000-0000000000000000.ndjson"]);
  });

  test("begins a new file when one is large enough, never within what one offset has become", async () => {
    const writer = await fileSink({ folder, format: "ndjson", maxBytes: 4 }).open(connectorContext());
    const fanOut = [0, 1, 2, 3].map((part) => ({ ...topicRecord(5, 5), id: `orders[0]@5#${part}` }));
    await write(writer, [...numbers(0, 5), ...fanOut]);
    await write(writer, numbers(6, 7));
    await flush(writer);
    expect(files().map((name) => lines(name))).toEqual([["0", "1"], ["2", "3"], ["4", "5", "5", "5", "5"], ["6"]]);
  });

  test("loses nothing where a flush comes between the records that one offset has become", async () => {
    const writer = await fileSink({ folder, format: "ndjson" }).open(connectorContext());
    for (const value of ["5a", "5b", "5c"]) {
      await write(writer, [topicRecord(value, 5)]);
      await flush(writer);
    }
    expect(files().flatMap((name) => lines(name))).toEqual(['"5a"', '"5b"', '"5c"']);
    const again = await fileSink({ folder, format: "ndjson" }).open(connectorContext());
    await write(
      again,
      ["5a", "5b", "5c"].map((value) => topicRecord(value, 5)),
    );
    await flush(again);
    expect(files().flatMap((name) => lines(name))).toEqual(['"5a"', '"5b"', '"5c"']);
  });

  test("does not overwrite what another process has written of the partition meanwhile", async () => {
    const sink = fileSink({ folder, format: "ndjson" });
    const late = await sink.open(connectorContext());
    await write(late, numbers(0, 2));
    const owner = await sink.open(connectorContext());
    await write(owner, numbers(0, 5));
    await flush(owner);
    // the owner has removed the hidden file: to the one that has lost its partition the file is gone
    await expect(flush(late)).rejects.toThrow();
    await expect(write(late, numbers(2, 3))).rejects.toThrow();
    expect(lines("orders/orders-00000-0000000000000000.ndjson")).toHaveLength(5);

    const slow = await sink.open(connectorContext());
    await write(slow, numbers(5, 6));
    writeFileSync(join(folder, "orders/orders-00000-0000000000000005.ndjson"), "5\n6\n7\n");
    await expect(flush(slow)).rejects.toMatchObject({ code: "fenced", retryable: true });
    expect(lines("orders/orders-00000-0000000000000005.ndjson")).toHaveLength(3);
    await slow.close();
  });

  test("begins anew where a partition was given back and is read again", async () => {
    const writer = await fileSink({ folder, format: "ndjson" }).open(connectorContext());
    await write(writer, numbers(0, 4));
    await write(writer, numbers(2, 6));
    await flush(writer);
    expect(files()).toEqual(["orders/orders-00000-0000000000000002.ndjson"]);
    expect(lines("orders/orders-00000-0000000000000002.ndjson")).toHaveLength(4);
  });

  test("makes folders of the days and hours of the records", async () => {
    const writer = await fileSink({ folder, format: "ndjson", partitionBy: "hour" }).open(connectorContext());
    const at = (hour: string) => Date.parse(`2026-11-28T${hour}Z`);
    await write(writer, [
      topicRecord(0, 0, at("15:59:59.999")),
      topicRecord(1, 1, at("16:00:00")),
      topicRecord(2, 2),
      topicRecord(3, 3, at("15:00:00")),
    ]);
    await flush(writer);
    expect(files()).toEqual([
      "orders/date=2026-11-28/hour=15/orders-00000-0000000000000000.ndjson",
      "orders/date=2026-11-28/hour=16/orders-00000-0000000000000001.ndjson",
      "orders/date=unknown/hour=unknown/orders-00000-0000000000000002.ndjson",
    ]);
    expect(lines("orders/date=2026-11-28/hour=15/orders-00000-0000000000000000.ndjson")).toEqual(["0", "3"]);
  });

  test("gives records that come from no topic files of names that never come again", async () => {
    const writer = await fileSink({ folder, format: "ndjson" }).open(connectorContext());
    const record = { value: 1, id: "a:1", key: null, timestamp: undefined, headers: {}, context: ROOT_CONTEXT };
    for (let file = 0; file < 2; file += 1) {
      await write(writer, [record]);
      await flush(writer);
    }
    expect(files()).toEqual([expect.stringMatching(/^records-\d{8}T\d{9}Z-[0-9a-f]{12}\.ndjson$/), expect.stringMatching(/^records-/)]);
  });

  test("writes CSV that others read, and rejects a record that has no place in it", async () => {
    const writer = await fileSink({ folder, format: "csv" }).open(connectorContext());
    const good = { text: 'a "b",\nc', number: 1.5, big: 2n ** 60n, none: null, list: [1, 2] };
    const outcomes = await write(writer, [
      topicRecord(good, 0),
      topicRecord({ ...good, other: 1 }, 1),
      topicRecord("text", 2),
      topicRecord({ text: "d" }, 3),
    ]);
    expect(outcomes).toMatchObject([{ status: "held" }, { status: "rejected" }, { status: "rejected" }, { status: "held" }]);
    await flush(writer);
    const [header, ...rows] = parse(readFileSync(join(folder, "orders/orders-00000-0000000000000000.csv"), "utf8"));
    expect(header).toEqual(["text", "number", "big", "none", "list"]);
    expect(rows).toEqual([
      ['a "b",\nc', "1.5", "1152921504606846976", "", "[1,2]"],
      ["d", "", "", "", ""],
    ]);
  });

  test("writes gzip that others read", async () => {
    const writer = await fileSink({ folder, format: "ndjson", compress: true }).open(connectorContext());
    await write(writer, numbers(0, 100));
    await write(writer, numbers(100, 200));
    await flush(writer);
    const text = gunzipSync(readFileSync(join(folder, "orders/orders-00000-0000000000000000.ndjson.gz"))).toString();
    expect(text.trimEnd().split("\n").map(Number)).toEqual(numbers(0, 200).map(({ value }) => value));
  });

  test("writes Parquet, row group by row group, and rejects what is not of its column's type", async () => {
    const columns = {
      id: "INT64",
      origin: "STRING",
      delay: "INT32",
      at: "TIMESTAMP",
      ok: "BOOLEAN",
      share: "DOUBLE",
      raw: "BYTE_ARRAY",
      more: "JSON",
    } as const;
    const writer = await fileSink({ folder, format: "parquet", columns, rowGroupRows: 4 }).open(connectorContext());
    const row = (id: number) => ({
      id: BigInt(id),
      origin: "SFO",
      delay: id,
      at: new Date(id),
      ok: true,
      share: 0.5,
      raw: new Uint8Array([id]),
      more: { a: [id] },
    });
    const outcomes = await write(writer, [
      ...Array.from({ length: 10 }, (_, id) => topicRecord<object>(row(id), id)),
      topicRecord({ ...row(10), delay: 2 ** 40 }, 10),
      topicRecord({ ...row(11), extra: 1 }, 11),
      topicRecord({}, 12),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([...Array(10).fill("held"), "rejected", "rejected", "held"]);
    await flush(writer);
    const name = "orders/orders-00000-0000000000000000.parquet";
    const read = await parquetReadObjects({ file: new Uint8Array(readFileSync(join(folder, name))).buffer, utf8: false });
    expect(read.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, id) => row(id)));
    expect(Object.values(read[10] ?? {})).toEqual(Array(8).fill(null));
    const source = await readSplit(fileSource({ path: join(folder, name) }), "orders-00000-0000000000000000.parquet");
    expect(source.records.map(({ value }) => value.id)).toEqual([...Array.from({ length: 10 }, (_, id) => BigInt(id)), null]);
  });

  test("says what is wrong with its options", () => {
    expect(() => fileSink({ folder, format: "parquet" })).toThrow("columns must be the types by column for Parquet");
    expect(() => fileSink({ folder, format: "ndjson", columns: ["a"] })).toThrow("and is not for NDJSON");
    expect(() => fileSink({ folder, format: "csv", maxBytes: 0 })).toThrow("maxBytes 0 must be >= 1");
  });

  test.each(["ndjson", "csv"] as const)("refuses a record whose row is a promise, as %s", async (format) => {
    const row = () => Promise.reject(new Error("boom"));
    const sink = fileSink({ folder, format, row, ...(format === "csv" && { columns: ["a"] }) });
    expect(() => sink.checkRecord?.(topicRecord({ a: 1 }, 0))).toThrow("row of fileSink must answer at once, and answered a promise");
    const writer = await sink.open(connectorContext());
    expect(await write(writer, [topicRecord({ a: 1 }, 0)])).toMatchObject([{ status: "rejected" }]);
    await writer.close();
  });
});
