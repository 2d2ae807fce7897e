import { BusError } from "@org/bus-core";
import { atOnce, messageOf, resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import type { Transform } from "../transform.js";
import { ExpiringCache } from "./expiring-cache.js";

const enrichOptions = z.strictObject({
  concurrency: z.number().int().min(1).default(16).describe("Lookups at once; the order of each key is kept."),
  cache: z
    .strictObject({
      maxEntries: z.number().int().min(1).default(10_000).describe("Answers that are kept."),
      ttlMs: z.number().min(0).default(60_000).describe("How long an answer is good for, in ms; 0: it is not kept."),
    })
    .prefault({}),
});

export interface EnrichOptions<In, Found, Out> extends z.input<typeof enrichOptions> {
  /** What is looked up: values of the same text share an answer. What it throws fails the record, as that of `into` does. */
  readonly by: (value: In) => string;
  /** Asks for it. What it throws is tried again with backoff, unless it is a `BusError` that is not retryable. */
  readonly lookup: (by: string, signal: AbortSignal) => Promise<Found>;
  /** Puts the answer into the value. */
  readonly into: (value: In, found: Found) => Out;
}

/**
 * Adds to each value what is found elsewhere: in a database, a service. So many lookups at once, each text asked for once at a time, answers kept for a while.
 *
 * @throws {BusError} `invalid_options`
 */
export function enrich<In, Found, Out>({ by, lookup, into, ...limits }: EnrichOptions<In, Found, Out>): Transform<In, Out> {
  const { concurrency, cache } = resolveOptions("enrich", enrichOptions, limits);
  const answers = new ExpiringCache<Promise<Found>>(cache.maxEntries, cache.ttlMs, () => performance.now());
  const asked = new Map<string, Promise<Found>>();
  const find = (text: string, signal: AbortSignal): Promise<Found> => {
    const known = answers.get(text) ?? asked.get(text);
    if (known !== undefined) return known;
    const asking = (async () => lookup(text, signal))();
    asked.set(text, asking);
    asking.then(
      () => {
        asked.delete(text);
        if (cache.ttlMs > 0) answers.set(text, asking);
      },
      () => asked.delete(text),
    );
    return asking;
  };
  return {
    name: "enrich",
    concurrency,
    async apply(record, signal) {
      const text = atOnce("by of enrich", by(record.value));
      let found: Found;
      try {
        found = await find(text, signal);
      } catch (error) {
        if (error instanceof BusError) throw error;
        throw new BusError("handler_failed", `the lookup failed: ${messageOf(error)}`, { cause: error, retryable: true });
      }
      return [{ ...record, value: atOnce("into of enrich", into(record.value, found)) }];
    },
  };
}
