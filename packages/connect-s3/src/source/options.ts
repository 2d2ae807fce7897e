import { rowOptions } from "@org/bus-connect-file/internal";
import { z } from "zod";
import { clientOptions } from "../client/options.js";

/** What a source of objects takes. */
export const s3SourceOptions = z.strictObject({
  ...clientOptions,
  prefixes: z
    .array(z.string())
    .min(1)
    .refine((prefixes) => new Set(prefixes).size === prefixes.length, { error: "must name each prefix once" })
    .default([""])
    .describe("what the keys of the objects begin with; each is a split of its own, so that they spread over processes"),
  match: z.instanceof(RegExp).optional().describe("which objects, by their key; those of a known extension where it is left out"),
  order: z
    .enum(["key", "last-modified"])
    .default("key")
    .describe(
      "`key`: new objects have keys behind those of all others, such as dates, and only they are listed; `last-modified`: all are listed at each look",
    ),
  watch: z.boolean().default(false).describe("whether to go on with objects that come later, until the connector stops"),
  intervalMs: z.int().min(1).default(30_000).describe("from one look for new objects to the next, in ms"),
  whenReplaced: z.enum(["fail", "read-again"]).default("fail").describe("what to do with an object that was begun and is another now"),
  ...rowOptions,
});

/** What a source of objects takes; see the table of its options. */
export type S3SourceOptions = z.input<typeof s3SourceOptions>;
export type ResolvedS3SourceOptions = z.output<typeof s3SourceOptions>;
