import { randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Secret, type SinkWriter, type SourceBatch } from "@org/bus-connect";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { connectorContext, readSplit, splitContext, topicRecord } from "../../../test/support/connector-context.js";
import { s3ForTests, s3Keys } from "../../../test/support/servers/s3.js";
import { startProxy } from "../../../test/support/servers/tcp-proxy.js";
import type { S3SinkOptions } from "./sink/options.js";
import { s3Sink } from "./sink/s3-sink.js";
import type { S3SourceOptions } from "./source/options.js";
import { s3Source } from "./source/s3-source.js";

const s3 = await s3ForTests();
const secretOf = (text: string): Secret => new Secret("a test", () => text);
const credentials = { accessKeyId: secretOf(s3Keys.accessKeyId), secretAccessKey: secretOf(s3Keys.secretAccessKey) };
const client = new S3Client({ region: "us-east-1", endpoint: s3.endpoint || "http://127.0.0.1:1", forcePathStyle: true, credentials: s3Keys });
afterAll(() => client.destroy());

let bucket = "";
beforeEach(async () => {
  if (!s3.available) return;
  bucket = `test-${randomBytes(6).toString("hex")}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
});

const put = (Key: string, Body: string | Uint8Array) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
const remove = (Key: string) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
const bytesOf = async (Key: string) =>
  Buffer.from((await (await client.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToByteArray()) ?? []);
/** Without the notes of where they end. */
const objects = async () =>
  ((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? [])
    .map(({ Key = "" }) => Key)
    .filter((key) => !key.endsWith("-ends"));
const uploads = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];
const lines = async (key: string) => (await bytesOf(key)).toString().trimEnd().split("\n");

const source = (options: Partial<S3SourceOptions> = {}) => s3Source<unknown>({ bucket, endpoint: s3.endpoint, credentials, ...options });
const sink = (options: Partial<S3SinkOptions> = {}) => s3Sink({ bucket, endpoint: s3.endpoint, credentials, format: "ndjson", ...options });
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => topicRecord<unknown>(from + index, from + index));
const call = { signal: new AbortController().signal, attempt: 1 };
const flush = (writer: SinkWriter<unknown>) => writer.flush?.(call);
const values = (batches: readonly SourceBatch<unknown>[]) => batches.flatMap(({ records }) => records.map(({ value }) => value));

describe.skipIf(!s3.available)("s3Source", () => {
  test("reads the objects of a prefix in order of their keys, and goes on from every position", async () => {
    await put("in/2.ndjson", "3\n4\n");
    await put("in/1.ndjson", "1\n2\nnone\n");
    await put("in/3.ndjson.gz", gzipSync("5\n6\n"));
    await put("in/readme.txt", "no rows");
    await put("other/0.ndjson", "0\n");
    const from = source({ prefixes: ["in/"], rowsPerBatch: 1 });
    expect(await from.splits?.(connectorContext())).toEqual([{ id: "in/" }]);
    const whole = await readSplit(from, "in/");
    expect(whole.records.map(({ id, value }) => [id, value])).toEqual([
      ["in/1.ndjson:1", 1],
      ["in/1.ndjson:2", 2],
      ["in/2.ndjson:1", 3],
      ["in/2.ndjson:2", 4],
      ["in/3.ndjson.gz:1", 5],
      ["in/3.ndjson.gz:2", 6],
    ]);
    expect(whole.unreadable.map(({ id }) => id)).toEqual(["in/1.ndjson:3"]);
    for (const [index, { position }] of whole.batches.entries()) {
      const rest = await readSplit(from, "in/", position);
      expect(values(rest.batches)).toEqual(values(whole.batches.slice(index + 1)));
    }
  });

  test("finds by time what has come with an earlier key", async () => {
    await put("b.ndjson", "1\n");
    const from = source({ order: "last-modified" });
    const first = await readSplit(from, "");
    // S3 keeps times by the second: until it is a later one there
    const timeOf = async (key: string) => (await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).LastModified?.getTime() ?? 0;
    do await put("a.ndjson", "2\n");
    while ((await timeOf("a.ndjson")) <= (await timeOf("b.ndjson")));
    expect(values((await readSplit(from, "", first.batches.at(-1)?.position)).batches)).toEqual([2]);
  });

  test("reads CSV and Parquet by ranges", async () => {
    const writer = await sink({ format: "parquet", columns: { id: "INT64", name: "STRING" }, rowGroupRows: 10, prefix: "in/" }).open(
      connectorContext(),
    );
    await writer.write(
      numbers(0, 35).map((record) => ({ ...record, value: { id: BigInt(record.value as number), name: `n${record.value}` } })),
      call,
    );
    await flush(writer);
    await put("in/z.csv", 'id,name\n35,"n\n35"\n');
    const whole = await readSplit(source({ prefixes: ["in/"], rowsPerBatch: 8 }), "in/");
    expect(whole.records).toHaveLength(36);
    expect(whole.records[34]?.value).toEqual({ id: 34n, name: "n34" });
    expect(whole.records[35]?.value).toEqual({ id: "35", name: "n\n35" });
    const rest = await readSplit(source({ prefixes: ["in/"], rowsPerBatch: 8 }), "in/", whole.batches[1]?.position);
    expect(values(rest.batches)).toEqual(values(whole.batches.slice(2)));
  });

  test("notices that an object that was begun is another, or is gone", async () => {
    await put("a.ndjson", "1\n2\n3\n");
    const begun = (await readSplit(source({ rowsPerBatch: 1 }), "", undefined, 2)).batches[1]?.position;
    await put("a.ndjson", "7\n8\n9\n");
    await expect(readSplit(source(), "", begun)).rejects.toMatchObject({
      code: "offset_out_of_range",
      message: expect.stringMatching(/^a.ndjson is not the object that 2 rows/),
    });
    expect(values((await readSplit(source({ whenReplaced: "read-again" }), "", begun)).batches)).toEqual([7, 8, 9]);
    await remove("a.ndjson");
    await put("b.ndjson", "4\n");
    await expect(readSplit(source(), "", begun)).rejects.toThrow("a.ndjson is gone that 2 rows were read of");
    expect(values((await readSplit(source({ whenReplaced: "read-again" }), "", begun)).batches)).toEqual([4]);
  });

  test("goes on with objects that come later", async () => {
    await put("1.ndjson", "1\n");
    const stop = new AbortController();
    const reading = source({ watch: true, intervalMs: 20 })
      .read(splitContext("", undefined, { signal: stop.signal }))
      [Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => {
      const { value, done } = await reading.next();
      return done === true ? "ended" : (values([value])[0] ?? next());
    };
    expect(await next()).toBe(1);
    const second = next();
    await put("2.ndjson", "2\n");
    expect(await second).toBe(2);
    const end = next();
    stop.abort();
    expect(await end).toBe("ended");
  });

  test("does not wait for a store that is silent, in the middle of an object either", async () => {
    const { hostname, port } = new URL(s3.endpoint);
    const proxy = await startProxy({ host: hostname, port: Number(port) });
    const late = { endpoint: `http://127.0.0.1:${proxy.port}`, requestTimeoutMs: 300 };
    // more than what is under way between the two fills
    await put("large.ndjson", `${JSON.stringify("x".repeat(1_000))}\n`.repeat(20_000));
    const reading = source(late).read(splitContext(""))[Symbol.asyncIterator]();
    expect((await reading.next()).done).toBe(false);
    proxy.freeze();
    const readOn = async () => {
      while (!(await reading.next()).done);
    };
    await expect(readOn()).rejects.toMatchObject({ code: "transport_failed", retryable: true });
    await expect(source(late).check?.(connectorContext())).rejects.toMatchObject({ code: "transport_failed", retryable: true });
    await proxy.cut();
  });

  test("says what is wrong with the bucket and with its options", async () => {
    await expect(source({ bucket: "not-there" }).check?.(connectorContext())).rejects.toMatchObject({
      code: "invalid_options",
      message: expect.stringContaining("the bucket not-there is not there"),
    });
    await source().check?.(connectorContext());
    await expect(readSplit(source(), "", 7)).rejects.toThrow('the position of "" is none of objects');
    expect(() => source({ prefixes: ["a", "a"] })).toThrow("must name each prefix once");
  });
});

describe.skipIf(!s3.available)("s3Sink", () => {
  test("shows an object when it is flushed, by the offset that it begins with and the time of its records", async () => {
    const writer = await sink({ prefix: "lake/", partitionBy: "day", compress: true }).open(connectorContext());
    const at = Date.parse("2026-11-28T16:00:00Z");
    expect(await writer.write([topicRecord(1, 7, at), topicRecord(2, 8, at + 86_400_000), topicRecord(3, 9, at)], call)).toEqual(
      Array(3).fill({ status: "held" }),
    );
    expect(await objects()).toEqual([]);
    await flush(writer);
    expect(await objects()).toEqual([
      "lake/orders/date=2026-11-28/orders-00000-0000000000000007.ndjson.gz",
      "lake/orders/date=2026-11-29/orders-00000-0000000000000008.ndjson.gz",
    ]);
    expect(gunzipSync(await bytesOf("lake/orders/date=2026-11-28/orders-00000-0000000000000007.ndjson.gz")).toString()).toBe("1\n3\n");
    await writer.close();
  });

  test("leaves each record once when a longer, or shorter, repeat follows a crash between the flush and the position", async () => {
    const crashed = await sink({ maxBytes: 20 }).open(connectorContext());
    await crashed.write(numbers(100, 117), call);
    await flush(crashed);
    // 3 digits and a line end: five to an object
    expect(await objects()).toHaveLength(4);
    const again = await sink({ maxBytes: 48 }).open(connectorContext());
    await again.write(numbers(100, 107), call);
    await flush(again);
    await again.write(numbers(107, 130), call);
    await flush(again);
    const found = await Promise.all((await objects()).map(lines));
    expect(found.flat().map(Number)).toEqual(numbers(100, 130).map(({ value }) => value));
    expect(found.map(({ length }) => length)).toEqual([7, 12, 11]);
    await again.close();
  });

  test("uploads a large object in parts, shows it whole, and leaves no upload behind", async () => {
    const large = numbers(0, 14).map((record) => ({ ...record, value: "x".repeat(2 ** 20) }));
    const options = { uploadPartBytes: 5 * 2 ** 20 };
    const crashed = await sink(options).open(connectorContext());
    for (const record of large) await crashed.write([record], call);
    expect(await uploads()).toHaveLength(1);
    expect(await objects()).toEqual([]);
    const closed = await sink(options).open(connectorContext());
    for (const record of large) await closed.write([record], call);
    expect(await uploads()).toHaveLength(1);
    await closed.close();
    expect(await uploads()).toHaveLength(0);
    const writer = await sink(options).open(connectorContext());
    for (const record of large) await writer.write([record], call);
    await flush(writer);
    expect(await uploads()).toHaveLength(0);
    expect((await bytesOf("orders/orders-00000-0000000000000000.ndjson")).length).toBe(14 * (2 ** 20 + 3));
    // the one that crashed, had it lived: its upload is gone
    await expect(flush(crashed)).rejects.toThrow();
  });

  test("does not overwrite what another process has written of the partition meanwhile", async () => {
    const late = await sink().open(connectorContext());
    await late.write(numbers(0, 2), call);
    const owner = await sink().open(connectorContext());
    await owner.write(numbers(0, 5), call);
    await flush(owner);
    await expect(flush(late)).rejects.toMatchObject({ code: "fenced", retryable: true });
    await expect(late.write(numbers(2, 3), call)).rejects.toMatchObject({ code: "fenced" });
    expect(await lines("orders/orders-00000-0000000000000000.ndjson")).toHaveLength(5);

    const replacing = await sink().open(connectorContext());
    await replacing.write(numbers(0, 1), call);
    await put("orders/orders-00000-0000000000000000.ndjson", "0\n1\n2\n3\n4\n5\n");
    await expect(flush(replacing)).rejects.toMatchObject({ code: "fenced" });
    const careless = await sink({ conditionalWrites: false }).open(connectorContext());
    await careless.write(numbers(0, 1), call);
    await put("orders/orders-00000-0000000000000000.ndjson", "0\n1\n");
    await flush(careless);
    expect(await lines("orders/orders-00000-0000000000000000.ndjson")).toHaveLength(1);
  });

  test("says what is wrong with its options", () => {
    expect(() => sink({ uploadPartBytes: 10, columns: ["a"] })).toThrow(/uploadPartBytes 10 must be >= 5242880/);
    expect(() => sink({ format: "parquet" })).toThrow("columns must be the types by column for Parquet");
  });
});
