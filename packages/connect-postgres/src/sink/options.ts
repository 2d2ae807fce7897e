import type { ConnectRecord } from "@org/bus-connect";
import type { AnyContract } from "@org/bus-core";
import { z } from "zod";
import { tableOption } from "../connection/identifier.js";
import { connectionOptions } from "../connection/options.js";

const contract = z.custom<AnyContract>((value) => typeof (value as AnyContract | undefined)?.typeName === "string", "must be a contract");

const column = z.strictObject({
  type: z
    .string()
    .regex(/^[\w ]+(\(\d+(, ?\d+)?\))?[\w ]*(\[\])?$/, "must be a type of PostgreSQL")
    .describe("the type that it is created with"),
  value: z
    .custom<(value: never, record: ConnectRecord<never>) => string | number | bigint | boolean | Date | Uint8Array | null | undefined>(
      (value) => typeof value === "function",
      "must be a function",
    )
    .describe("its value, from the message and the record; undefined and null are NULL"),
});

export const sinkOptions = z.strictObject({
  connection: connectionOptions.describe("how PostgreSQL is reached"),
  contract: contract.describe("the contract of the messages: its fields are the columns"),
  table: tableOption.describe("`orders`, or `shop.orders`"),
  mode: z
    .enum(["upsert", "insert"])
    .default("upsert")
    .describe("`upsert`: the newest message of a key is its row; `insert`: each record is a row, once"),
  key: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      "columns that identify a row; by default the key field of the contract's topic (upsert), or `record_id`, the id of the record (insert)",
    ),
  newerBy: z
    .string()
    .min(1)
    .optional()
    .describe("upsert: a column by which a row that is newer already stays, such as `updated_at`; for sources that may repeat what is long past"),
  columns: z.record(z.string().min(1).max(63), column).default({}).describe("columns beside those of the contract, or in place of them, by name"),
  createTable: z.boolean().default(false).describe("whether to make the table where it is missing"),
});

export type PostgresSinkInput = z.input<typeof sinkOptions>;
export type ResolvedSinkOptions = z.output<typeof sinkOptions>;
