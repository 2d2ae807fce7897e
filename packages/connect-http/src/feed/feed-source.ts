import {
  type ConnectRecord,
  connectRecord,
  type Position,
  type Source,
  type SourceBatch,
  type SourceContext,
  type UnreadableRecord,
} from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { messageOf, resolveOptions, sleep } from "@org/bus-core/internal";
import { z } from "zod";
import { fetchFeed, type Validators } from "./fetch-feed.js";
import { type FeedSourceOptions, feedSourceOptions, type ResolvedFeedSourceOptions } from "./options.js";

const positionSchema = z.strictObject({
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  /** Of the newest item that was read. */
  lastId: z.string().optional(),
});

/** Items that are read together. */
const maxBatch = 100;

/**
 * Polls a feed: a list over HTTP that gets new items at one end, each a record. It is fetched only when it has changed (`ETag`, `Last-Modified`), and read on
 * behind the newest item that was read. Where that item is no longer in the feed, all of it is read: items may come again, and some may have been missed in
 * between, which is logged; a shorter interval helps.
 *
 * @typeParam T what `schema` makes of an item; without a schema what the caller knows of the feed
 * @throws {BusError} `invalid_options`
 */
export function feedSource<T = unknown>(options: FeedSourceOptions): Source<T> {
  const resolved = resolveOptions("feedSource", feedSourceOptions, options);
  return {
    name: "feed",
    // what was in the feed may be gone from it
    replayable: false,
    async check({ signal, clock }) {
      await fetchFeed(resolved, {}, signal, clock.now());
    },
    async *read(context: SourceContext): AsyncIterable<SourceBatch<T>> {
      const { signal, clock, logger } = context;
      let { lastId, ...validators } = parsePosition(context.position);
      while (!signal.aborted) {
        const feed = await fetchFeed(resolved, validators, signal, clock.now()).catch((error: unknown) => {
          if (error instanceof BusError && !error.retryable) throw error;
          // it is asked again soon anyway: an outage, however long, is no reason to end
          if (!signal.aborted) logger.warn({ url: resolved.url, error: messageOf(error) }, "the feed could not be fetched, it is tried again");
          return { status: "unchanged" } as const;
        });
        if (feed.status === "changed") {
          const { newer, isGap } = itemsAfter(itemsOf(feed.text, resolved), lastId);
          if (isGap) logger.warn({ url: resolved.url, lastId }, "the last item that was read is no longer in the feed, all of it is read");
          for (let start = 0; start < newer.length; start += maxBatch) {
            const items = newer.slice(start, start + maxBatch);
            lastId = items.at(-1)?.id ?? lastId;
            // only behind the last of its items is a feed done with
            if (start + maxBatch >= newer.length) validators = feed.validators;
            yield { ...toRecords<T>(items, resolved), position: { ...validators, ...(lastId !== undefined && { lastId }) } };
          }
          validators = feed.validators;
        }
        await sleep(clock, feed.status === "later" ? Math.max(feed.afterMs, resolved.intervalMs) : resolved.intervalMs, signal);
      }
    },
  };
}

interface Item {
  readonly id: string;
  readonly value: unknown;
}

/** Oldest first. */
function itemsOf(text: string, { url, parse = JSON.parse, items, id, order }: ResolvedFeedSourceOptions): readonly Item[] {
  let list: unknown;
  try {
    const feed: unknown = parse(text);
    list = items === undefined ? feed : (items as (feed: unknown) => unknown)(feed);
  } catch {
    // what is wrong with it may quote it
    throw new BusError("malformed_message", `${url} could not be parsed as a feed`);
  }
  if (!Array.isArray(list)) throw new BusError("malformed_message", `${url} is no list, name what is by items`);
  const found = list.map((value: unknown): Item => ({ id: idOf(value, id, url), value }));
  return order === "newest-first" ? found.reverse() : found;
}

function idOf(value: unknown, id: ResolvedFeedSourceOptions["id"], url: string): string {
  const found = id === undefined ? (Object(value) as { readonly id?: unknown }).id : (id as (item: unknown) => unknown)(value);
  if (typeof found === "string" || typeof found === "number") return String(found);
  throw new BusError("malformed_message", `${url} has an item without an id, say by id what it is known by`);
}

function itemsAfter(items: readonly Item[], lastId: string | undefined): { readonly newer: readonly Item[]; readonly isGap: boolean } {
  const at = items.findLastIndex(({ id }) => id === lastId);
  return { newer: items.slice(at + 1), isGap: lastId !== undefined && at === -1 };
}

function toRecords<T>(items: readonly Item[], { schema, url }: ResolvedFeedSourceOptions): Pick<SourceBatch<T>, "records" | "unreadable"> {
  const records: ConnectRecord<T>[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const { id, value } of items) {
    const result = schema?.safeParse(value);
    if (result?.success === false) {
      const violations = result.error.issues.map(({ path, code, message }) => ({ path: path.join("."), rule: code, message }));
      const error = new BusError("malformed_message", `the item ${id} of ${url} breaks the schema`, { violations });
      unreadable.push({ id, error, original: Buffer.from(JSON.stringify(value)) });
    } else {
      // without a schema T is what the caller of feedSource says of the feed
      records.push(connectRecord({ value: (result?.data ?? value) as T, id }));
    }
  }
  return { records, ...(unreadable.length > 0 && { unreadable }) };
}

function parsePosition(position: Position | undefined): Validators & { readonly lastId?: string } {
  const result = positionSchema.safeParse(position ?? {});
  if (!result.success) throw new BusError("invalid_options", "the position is none of a feed: must be { etag, lastModified, lastId }");
  const { etag, lastModified, lastId } = result.data;
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }), ...(lastId !== undefined && { lastId }) };
}
