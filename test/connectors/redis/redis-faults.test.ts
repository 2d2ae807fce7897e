import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { secret } from "@org/bus-connect";
import { redisHashSink, redisStreamSink, redisStreamSource } from "@org/bus-connect-redis";
import { createClient } from "@redis/client";
import { generate } from "selfsigned";
import { describe, expect, it } from "vitest";
import { connectorContext, recordOf, startReading, writeContext } from "../../support/connector-context.js";
import { freePort } from "../../support/servers/free-port.js";
import { canStartRedis, startRedis } from "../../support/servers/redis.js";

async function command(url: string, ...args: readonly string[]): Promise<unknown> {
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  return client.sendCommand(args).finally(() => client.destroy());
}

describe.skipIf(!canStartRedis())("Redis that fails", () => {
  it("is killed and has its data again: what was not acknowledged comes again, and the same writer goes on", async () => {
    await using server = await startRedis({ persistent: true });
    const { url } = server;
    const stream = redisStreamSink<{ n: string }>({ url, stream: "orders" });
    const writer = await stream.open(connectorContext());
    const ofTopic = (offset: number) => recordOf({ n: `${offset}` }, { id: `t[0]@${offset}`, origin: { topic: "t", partition: 0, offset } });
    expect(await writer.write([ofTopic(1), ofTopic(2)], writeContext())).toEqual([{ status: "written" }, { status: "written" }]);
    const source = redisStreamSource({ url, streams: "orders" });
    const reading = await startReading(source);
    expect((await reading.next())?.records).toHaveLength(2);
    const failure = reading.next().catch((error: unknown) => error);

    await server.kill();
    expect(await failure).toMatchObject({ code: "transport_failed", retryable: true });
    // whether the client has noticed already decides which of the two it is
    const refused = await writer.write([ofTopic(3)], writeContext()).catch((error: unknown) => error);
    expect(refused).toMatchObject(Array.isArray(refused) ? [{ status: "retriable" }] : { code: "transport_failed", retryable: true });
    await server.start();

    expect(await writer.write([ofTopic(2), ofTopic(3)], writeContext())).toEqual([{ status: "written" }, { status: "written" }]);
    await using again = await startReading(source);
    const read = [...((await again.next())?.records ?? []), ...((await again.next())?.records ?? [])];
    expect(read.map(({ value }) => value.n)).toEqual(["1", "2", "3"]);
    await writer.close();
  });

  it("is lost while a connection waits for its last answers: closing ends", async () => {
    await using server = await startRedis();
    const stream = redisStreamSink<{ n: string }>({ url: server.url, stream: "orders" });
    const writer = await stream.open(connectorContext());
    server.freeze();
    const outcomes = writer.write([recordOf({ n: "1" })], writeContext());
    // the command is under way before it closes
    await setImmediate();
    const closing = writer.close();
    await server.kill();
    await closing;
    expect(await outcomes.catch((error: unknown) => error)).toMatchObject([{ status: "retriable" }]);
  });

  it("is silent: reading and writing fail in time, to be tried again, and closing ends", async () => {
    await using server = await startRedis();
    const connection = { url: server.url, responseTimeoutMs: 300 };
    const writer = await redisStreamSink<{ n: string }>({ ...connection, stream: "orders" }).open(connectorContext());
    const reading = await startReading(redisStreamSource({ ...connection, streams: "orders" }));
    await writer.write([recordOf({ n: "1" })], writeContext());
    expect((await reading.next())?.records).toHaveLength(1);
    // longer than the limit without anything to read or to write: Redis is there, so nothing fails
    const next = reading.next();
    await expect.poll(() => command(server.url, "INFO", "commandstats"), { timeout: 20_000 }).toMatch(/cmdstat_ping:calls=[5-9]/);
    await writer.write([recordOf({ n: "2" })], writeContext());
    expect((await next)?.records).toHaveLength(1);

    server.freeze();
    const unread = reading.next().catch((error: unknown) => error);
    expect(await writer.write([recordOf({ n: "3" })], writeContext())).toMatchObject([{ status: "retriable" }]);
    expect(await unread).toMatchObject({ code: "transport_failed", retryable: true });
    await writer.close();
  });

  it("starts again without its data: the source makes its group again and misses nothing that came since", async () => {
    await using server = await startRedis();
    const source = redisStreamSource({ url: server.url, streams: "orders", start: "latest" });
    const reading = await startReading(source);
    const first = reading.next();
    await expect.poll(() => command(server.url, "EXISTS", "orders")).toBe(1);
    await command(server.url, "XADD", "orders", "*", "n", "1");
    expect((await first)?.records).toHaveLength(1);

    const failure = reading.next().catch((error: unknown) => error);
    await server.restart();
    expect(await failure).toMatchObject({ retryable: true });
    await command(server.url, "XADD", "orders", "*", "n", "2");
    await using again = await startReading(source);
    expect((await again.next())?.records.map(({ value }) => value.n)).toEqual(["2"]);
    expect(again.context.warnings).toEqual(["the consumer group of orders was lost, all entries that are there are read (again)"]);
  });

  it("is full: writing is tried again, removing works, and nothing is half written", async () => {
    await using server = await startRedis();
    const { url } = server;
    const hashes = await redisHashSink<{ a: string } | undefined>({ url }).open(connectorContext());
    const streams = await redisStreamSink<{ a: string }>({ url, stream: "s" }).open(connectorContext());
    await hashes.write([recordOf({ a: "old" }, { key: "k" })], writeContext());
    await command(url, "CONFIG", "SET", "maxmemory", "1");
    const statuses = async (outcomes: Promise<readonly { readonly status: string }[]>) => (await outcomes).map(({ status }) => status);
    expect(await statuses(hashes.write([recordOf({ a: "new" }, { key: "k" })], writeContext()))).toEqual(["retriable"]);
    const ofTopic = (offset: number) => recordOf({ a: "x" }, { id: `t[0]@${offset}`, origin: { topic: "t", partition: 0, offset } });
    expect(await statuses(streams.write([ofTopic(1), ofTopic(2)], writeContext()))).toEqual(["retriable", "retriable"]);
    expect(await command(url, "HGET", "k", "a")).toBe("old");
    expect(await statuses(hashes.write([recordOf(undefined, { key: "k" })], writeContext()))).toEqual(["written"]);
    await command(url, "CONFIG", "SET", "maxmemory", "0");
    expect(await statuses(streams.write([ofTopic(1), ofTopic(2)], writeContext()))).toEqual(["written", "written"]);
    expect(await command(url, "XLEN", "s")).toBe(2);
    await hashes.close();
    await streams.close();
  });

  it("is a replica: writing is tried again", async () => {
    await using server = await startRedis();
    const hashes = await redisHashSink<{ a: string }>({ url: server.url }).open(connectorContext());
    await command(server.url, "REPLICAOF", "127.0.0.1", "1");
    const [outcome] = await hashes.write([recordOf({ a: "1" }, { key: "k" })], writeContext());
    expect(outcome).toMatchObject({ status: "retriable", error: { message: expect.stringContaining("READONLY") } });
    await hashes.close();
  });

  it("asks for a password: the secret is used, and a wrong one is no fault of the record", async () => {
    await using server = await startRedis({ settings: ["--requirepass", "hunter2"] });
    const { host } = new URL(server.url);
    await expect(redisHashSink({ url: server.url }).check?.(connectorContext())).rejects.toMatchObject({
      code: "not_authenticated",
      retryable: false,
    });
    process.env.REDIS_TEST_PASSWORD = "hunter2";
    process.env.REDIS_TEST_URL = `redis://:hunter2@${host}`;
    await redisHashSink({ url: server.url, password: secret("REDIS_TEST_PASSWORD") }).check?.(connectorContext());
    await redisHashSink({ url: secret("REDIS_TEST_URL") }).check?.(connectorContext());
  });

  it("speaks TLS: the certificate is checked", async () => {
    const { private: key, cert } = await generate([{ name: "commonName", value: "redis.test" }], {
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "redis.test" }] }],
    });
    const folder = await mkdtemp(join(tmpdir(), "bus-redis-tls-"));
    const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    await Promise.all([writeFile(keyFile, key), writeFile(certFile, cert)]);
    const port = await freePort();
    const settings = [
      "--tls-port",
      `${port}`,
      "--tls-cert-file",
      certFile,
      "--tls-key-file",
      keyFile,
      "--tls-ca-cert-file",
      certFile,
      "--tls-auth-clients",
      "no",
    ];
    await using _server = await startRedis({ settings });
    const check = (tls: { ca?: string; serverName?: string }) =>
      redisHashSink({ url: `rediss://127.0.0.1:${port}`, tls }).check?.(connectorContext());
    await check({ ca: cert, serverName: "redis.test" });
    await expect(check({ serverName: "redis.test" })).rejects.toThrow("self-signed certificate");
    await expect(check({ ca: cert, serverName: "other.test" })).rejects.toThrow("does not match certificate's altnames");
    await rm(folder, { recursive: true });
  });

  it("is a cluster, or found by sentinels", async () => {
    await using server = await startRedis({ settings: ["--cluster-enabled", "yes"] });
    await command(server.url, "CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await expect.poll(() => command(server.url, "CLUSTER", "INFO"), { timeout: 20_000 }).toContain("cluster_state:ok");
    await roundTrip({ url: [server.url], cluster: true });

    await using master = await startRedis();
    await using sentinel = await startRedis({ sentinelOf: Number(new URL(master.url).port) });
    await expect.poll(() => command(sentinel.url, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"), { timeout: 20_000 }).toContain("127.0.0.1");
    await roundTrip({ url: sentinel.url, sentinel: "main" });
  });

  async function roundTrip(options: { url: string | string[]; cluster?: boolean; sentinel?: string }): Promise<void> {
    const writer = await redisStreamSink<{ n: string }>({ ...options, stream: "orders" }).open(connectorContext());
    const records = [1, 2].map((offset) => recordOf({ n: `${offset}` }, { id: `t[0]@${offset}`, origin: { topic: "t", partition: 0, offset } }));
    expect(await writer.write(records, writeContext())).toEqual([{ status: "written" }, { status: "written" }]);
    await writer.close();
    const hashes = await redisHashSink<{ n: string }>({ ...options }).open(connectorContext());
    expect(await hashes.write([recordOf({ n: "1" }, { key: "a" }), recordOf({ n: "2" }, { key: "b" })], writeContext())).toHaveLength(2);
    await hashes.close();
    await using reading = await startReading(redisStreamSource({ ...options, streams: "orders" }));
    const batch = await reading.next();
    expect(batch?.records.map(({ value }) => value.n)).toEqual(["1", "2"]);
    await batch?.acknowledge?.();
    await reading.stop();
  }
});
