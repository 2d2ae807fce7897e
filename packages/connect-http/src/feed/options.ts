import { z } from "zod";
import { headersOption } from "../http/headers.js";

const fn = <F>(what: string) => z.custom<F>((value) => typeof value === "function", { error: "must be a function" }).describe(what);

/** What a reader of a feed takes. */
export const feedSourceOptions = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("what is asked for"),
  intervalMs: z.int().min(1).default(60_000).describe("from one look to the next, in ms; longer where the server asks for it (`Retry-After`)"),
  parse: fn<(text: string) => unknown>("what the text of the feed is; JSON where it is left out").optional(),
  items: fn<(feed: never) => readonly unknown[]>("the items of a feed; the feed itself where it is left out, then it must be an array").optional(),
  id: fn<(item: never) => string>("what an item is known by; its property `id` where it is left out").optional(),
  order: z.enum(["newest-first", "oldest-first"]).default("newest-first").describe("how the feed lists its items"),
  schema: z
    .custom<z.ZodType>((value) => value instanceof z.ZodType, { error: "must be a zod schema" })
    .optional()
    .describe("zod schema of an item: gives records their type; an item that breaks it is unreadable"),
  headers: headersOption,
  timeoutMs: z.int().min(1).default(30_000).describe("how long an answer may take, in ms"),
  maxBytes: z
    .int()
    .min(1)
    .default(16 * 2 ** 20)
    .describe("the largest feed"),
});

/** What a reader of a feed takes; see the table of its options. */
export type FeedSourceOptions = z.input<typeof feedSourceOptions>;
export type ResolvedFeedSourceOptions = z.output<typeof feedSourceOptions>;
