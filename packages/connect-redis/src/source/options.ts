import { z } from "zod";
import { connectionOptions } from "../connection/options.js";
import type { RedisEntry } from "./entry.js";

const text = z.string().min(1);

/** What a source of streams takes. */
export const redisStreamSourceOptions = z.strictObject({
  ...connectionOptions,
  streams: z
    .union([text, z.array(text).min(1)], { error: "must be the key of a stream, or a list of such" })
    .describe("the keys of the streams; each is a split"),
  group: text.optional().describe("the consumer group, created where there is none; the name of the connector where it is left out"),
  consumers: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe("of each stream, each a split of its own; with more than one, entries of a stream are out of order, those of one key too"),
  start: z.enum(["earliest", "latest"]).default("earliest").describe("where a group begins that does not exist yet"),
  maxRecords: z.int().min(1).max(10_000).default(500).describe("the most entries that are read together"),
  claimAfterMs: z
    .int()
    .min(1000)
    .default(60_000)
    .describe("how long another consumer of the group may hold an entry without a sign of life before it is taken over, in ms"),
  maxDeliveries: z
    .int()
    .min(1)
    .default(100)
    .describe("how often an entry may be handed out without being acknowledged; then it is taken for poison, and is unreadable"),
  field: text
    .optional()
    .describe("the field that holds the content, parsed as `format` says; left out, the value is an object of all fields as text"),
  format: z.enum(["json", "text", "bytes"]).default("json").describe("what `field` holds; one that is none is unreadable"),
  schema: z
    .custom<z.ZodType>((value) => value instanceof z.ZodType, { error: "must be a zod schema" })
    .optional()
    .describe("zod schema of the value: gives records their type; an entry that breaks it is unreadable"),
  key: z
    .custom<(entry: RedisEntry) => string | null>((value) => typeof value === "function", { error: "must be a function" })
    .optional()
    .describe("the key of an entry, of its fields; none where it is left out"),
});

/** What a source of streams takes; see the table of its options. */
export type RedisStreamSourceOptions = z.input<typeof redisStreamSourceOptions>;
export type ResolvedRedisStreamSourceOptions = z.output<typeof redisStreamSourceOptions>;
