import { z } from "zod";
import { tableOption } from "../connection/identifier.js";
import { connectionOptions } from "../connection/options.js";

/** Names that the server takes without quotes in all of its commands. */
const slotName = z.string().regex(/^[a-z0-9_]{1,63}$/, "must be 1 to 63 of a-z, 0-9 and _");

export const captureOptions = z.strictObject({
  connection: connectionOptions.describe("how PostgreSQL is reached"),
  tables: z.array(tableOption).min(1).describe("the tables: `orders`, or `shop.orders`; each needs a primary key"),
  slot: slotName.describe("the replication slot, one for each connector"),
  publication: slotName.optional().describe("the publication; by default it has the name of the slot"),
  create: z.boolean().default(true).describe("whether to make slot and publication where they are missing"),
  snapshot: z
    .enum(["initial", "never"])
    .default("initial")
    .describe(
      "`initial`: the rows that a table has are read first, also of one that is added to `tables` later; `never`: only what changes from now on",
    ),
  chunkRows: z.int().min(1).max(100_000).default(5_000).describe("rows of a table that are read at once, and kept in memory, while it is read first"),
  truncate: z
    .enum(["fail", "skip"])
    .default("fail")
    .describe("what to do when a table is truncated, of which no row tells: stop, or go on as if it had not been"),
  maxBatch: z.int().min(1).max(10_000).default(500).describe("changes in a batch, at most"),
  heartbeatMs: z.int().min(100).default(10_000).describe("how often a slot moves on while nothing changes, so that the server can forget its log"),
});
