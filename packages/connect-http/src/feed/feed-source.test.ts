import type { Position, SourceBatch } from "@org/bus-connect";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { splitContext } from "../../../../test/support/connector-context.js";
import { startServer, type TestServer } from "../testing/http-server.js";
import { feedSource } from "./feed-source.js";
import type { FeedSourceOptions } from "./options.js";

/** A feed that changes, newest item first, with an ETag. */
async function startFeed() {
  const feed = { items: [] as readonly unknown[], version: 0, status: 200, retryAfter: "" };
  const server = await startServer(({ headers }, response) => {
    const etag = `"v${feed.version}"`;
    if (feed.status !== 200) response.writeHead(feed.status, feed.retryAfter === "" ? {} : { "retry-after": feed.retryAfter }).end("secret words");
    else if (headers["if-none-match"] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag, "last-modified": "Sat, 28 Nov 2026 16:00:00 GMT" }).end(JSON.stringify(feed.items));
  });
  const publish = (...ids: readonly number[]) => {
    feed.items = ids.map((id) => ({ id }));
    feed.version += 1;
  };
  return { feed, server, publish };
}

/** Reads a feed on a clock whose waits are over when they are told to be. */
function reader(url: string, options: Partial<FeedSourceOptions> = {}, position?: Position) {
  const waits: number[] = [];
  const stop = new AbortController();
  let over = () => {};
  const clock = {
    now: () => 0,
    schedule: (delayMs: number, callback: () => void) => {
      waits.push(delayMs);
      over = callback;
      return () => {};
    },
  };
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (_: object, message: string) => void warnings.push(message), error() {} };
  const source = feedSource<{ id: number }>({ url, intervalMs: 1000, ...options });
  const batches = source.read(splitContext("0", position, { clock, logger, signal: stop.signal }))[Symbol.asyncIterator]();
  return {
    waits,
    warnings,
    next: async (): Promise<SourceBatch<{ id: number }>> => (await batches.next()).value,
    /** Resolves when the source has looked so many times, and waits for the next one. */
    looked: (times: number) => expect.poll(() => waits.length).toBe(times),
    look: () => over(),
    stop: () => stop.abort(),
  };
}

const ids = (batch: SourceBatch<{ id: number }>) => batch.records.map(({ id }) => id);
const withFeed = async (work: (feed: Awaited<ReturnType<typeof startFeed>> & { server: TestServer }) => Promise<void>) => {
  const started = await startFeed();
  await using _server = started.server;
  await work(started);
};

describe("feedSource", () => {
  test("gives what is new, oldest first, and asks only for what has changed", async () => {
    await withFeed(async ({ server, publish }) => {
      publish(3, 2, 1);
      const { next, looked, look, waits, stop } = reader(server.url);
      const first = await next();
      expect(ids(first)).toEqual(["1", "2", "3"]);
      expect(first.position).toEqual({ etag: '"v1"', lastModified: "Sat, 28 Nov 2026 16:00:00 GMT", lastId: "3" });
      const second = next();
      await looked(1);
      look();
      await looked(2);
      publish(5, 4, 3, 2);
      look();
      expect(ids(await second)).toEqual(["4", "5"]);
      expect(waits).toEqual([1000, 1000]);
      expect(server.asked.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"v1"', '"v1"']);
      const end = next();
      await looked(3);
      stop();
      expect(await end).toBeUndefined();
    });
  });

  test("goes on behind its position, and keeps it where nothing has changed", async () => {
    await withFeed(async ({ server, publish }) => {
      publish(3, 2, 1);
      const first = await reader(server.url).next();
      publish(5, 4, 3, 2);
      const second = await reader(server.url, {}, first.position).next();
      expect(ids(second)).toEqual(["4", "5"]);
      const unchanged = reader(server.url, {}, second.position);
      const end = unchanged.next();
      await unchanged.looked(1);
      unchanged.stop();
      expect(await end).toBeUndefined();
      expect(server.asked.at(-1)?.headers).toMatchObject({ "if-none-match": '"v2"', "if-modified-since": "Sat, 28 Nov 2026 16:00:00 GMT" });
    });
  });

  test("goes on in the middle of many items, which are new until the last of them is written", async () => {
    await withFeed(async ({ server, publish }) => {
      publish(...Array.from({ length: 250 }, (_, index) => 250 - index));
      const first = await reader(server.url).next();
      expect(ids(first)).toHaveLength(100);
      expect(first.position).toEqual({ lastId: "100" });
      const rest = reader(server.url, {}, first.position);
      expect(ids(await rest.next())[0]).toBe("101");
      const last = await rest.next();
      expect(ids(last)).toHaveLength(50);
      expect(last.position).toMatchObject({ etag: '"v1"', lastId: "250" });
    });
  });

  test("reads all of a feed that has lost the last item, and says so", async () => {
    await withFeed(async ({ server, publish }) => {
      publish(9, 8);
      const { next, warnings } = reader(server.url, {}, { lastId: "3" });
      expect(ids(await next())).toEqual(["8", "9"]);
      expect(warnings).toEqual(["the last item that was read is no longer in the feed, all of it is read"]);
    });
  });

  test("takes feeds of other shapes, and tells items that break the schema", async () => {
    await withFeed(async ({ server, feed }) => {
      feed.items = [{ key: "a" }, { key: "b", amount: 1 }];
      const id = ({ key }: { key: string }) => key;
      const schema = z.object({ amount: z.number() });
      const batch = await reader(server.url, { items: (list: unknown[]) => list, id, order: "oldest-first", schema }).next();
      expect(batch.records.map((record) => [record.id, record.value])).toEqual([["b", { amount: 1 }]]);
      expect(batch.unreadable).toMatchObject([{ id: "a", error: { violations: [{ path: "amount" }] } }]);
      expect(batch.position).toMatchObject({ lastId: "b" });
    });
  });

  test("waits as long as it is asked to, and fails at what will not pass", async () => {
    await withFeed(async ({ server, feed }) => {
      feed.status = 429;
      feed.retryAfter = "90";
      const { next, looked, waits, stop } = reader(server.url);
      const end = next();
      await looked(1);
      expect(waits).toEqual([90_000]);
      stop();
      await end;
      feed.retryAfter = "";
      feed.status = 500;
      const patient = reader(server.url);
      const later = patient.next();
      await patient.looked(1);
      expect(patient.warnings).toEqual(["the feed could not be fetched, it is tried again"]);
      patient.stop();
      await later;
      feed.status = 404;
      const failure = await reader(server.url)
        .next()
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ retryable: false, message: `${server.url} answered 404` });
    });
  });

  test("refuses what is too large or no list, without a word of it", async () => {
    await withFeed(async ({ server, publish, feed }) => {
      publish(1, 2, 3);
      await expect(reader(server.url, { maxBytes: 5 }).next()).rejects.toThrow("is larger than maxBytes 5");
      await expect(reader(server.url, { items: () => "secret" as never }).next()).rejects.toThrow("is no list, name what is by items");
      feed.items = [{ name: "secret" }];
      await expect(reader(server.url).next()).rejects.toThrow(/has an item without an id, say by id what it is known by$/);
    });
  });
});
