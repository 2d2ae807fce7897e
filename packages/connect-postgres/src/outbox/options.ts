import type { AnyContract } from "@org/bus-core";
import { z } from "zod";
import { tableOption } from "../connection/identifier.js";
import { connectionOptions } from "../connection/options.js";
import type { JsonReader } from "./read-row.js";

const contract = z.custom<AnyContract>((value) => typeof (value as AnyContract | undefined)?.typeName === "string", "must be a contract");

/** Names that the server takes without quotes in all of its commands. */
const slotName = z.string().regex(/^[a-z0-9_]{1,63}$/, "must be 1 to 63 of a-z, 0-9 and _");

const common = {
  connection: connectionOptions.describe("how PostgreSQL is reached"),
  table: tableOption.default({ schema: "public", name: "outbox" }).describe("the outbox: `outbox`, or `shop.outbox`"),
  contracts: z.array(contract).min(1).describe("the messages that may be in it; `type` says by its name which one a row is"),
  json: z
    .custom<JsonReader>((value) => typeof value === "function", "must be a function")
    .default(() => (_contract: AnyContract, json: string) => JSON.parse(json) as object)
    .describe("how a payload of type `jsonb` or `text` becomes a message; by default its JSON is taken as it is, and checked when it is published"),
  maxBatch: z.int().min(1).max(10_000).default(500).describe("rows in a batch, at most"),
};

export const replicatedOutboxOptions = z.strictObject({
  ...common,
  slot: slotName.describe("the replication slot, one for each connector"),
  publication: slotName.optional().describe("the publication; by default it has the name of the slot"),
  create: z.boolean().default(true).describe("whether to make slot and publication where they are missing"),
  heartbeatMs: z
    .int()
    .min(100)
    .default(10_000)
    .describe("how often a slot moves on while nothing is written to the outbox, so that the server can forget its log"),
});

export const polledOutboxOptions = z.strictObject({
  ...common,
  splits: z.int().min(1).max(64).default(4).describe("readers at the same time, at most; each has the aggregates whose ids hash to it"),
  pollMs: z.int().min(10).default(1_000).describe("how often the table is looked at while no notification comes"),
  done: z.enum(["delete", "mark"]).default("delete").describe("what becomes of published rows; `mark` sets their `published_at`"),
});
