import type { ConnectRecord } from "@org/bus-connect";
import { z } from "zod";
import { connectionOptions } from "../connection/options.js";

// what T is only the caller knows
type OfRecord<R> = (record: ConnectRecord<never>) => R;

const ofRecord = <R>() => z.custom<OfRecord<R>>((value) => typeof value === "function", { error: "must be a function of the record" });

const replication = {
  minReplicas: z
    .int()
    .min(0)
    .default(0)
    .describe("replicas that must have a record before it counts as written; 0: the server that took it is enough"),
  replicationTimeoutMs: z.int().min(1).default(1000).describe("how long to wait for them, in ms; then the record is tried again"),
};

const ttlMs = z.int().min(1).optional().describe("how long a key lives after its last write, in ms; for ever where it is left out");

const upsert = {
  ...connectionOptions,
  ...replication,
  prefix: z.string().default("").describe("what the keys in Redis begin with; the key of the record follows"),
  key: ofRecord<string>().optional().describe("the key in Redis, as a function of the record, instead of prefix and key"),
  ttlMs,
};

const isReplicationPossible = ({ cluster, minReplicas }: { readonly cluster: boolean; readonly minReplicas: number }): boolean =>
  !cluster || minReplicas === 0;
const noReplication = { path: ["minReplicas"], error: "must be 0 for a cluster, where it cannot be asked for all nodes together" };

// Redis is silent while it waits for replicas
const isWaitKnown = ({
  minReplicas,
  replicationTimeoutMs,
  responseTimeoutMs,
}: Readonly<Record<"minReplicas" | "replicationTimeoutMs" | "responseTimeoutMs", number>>) =>
  minReplicas === 0 || replicationTimeoutMs < responseTimeoutMs;
const longWait = { path: ["replicationTimeoutMs"], error: "must be < responseTimeoutMs, or the connection is taken for lost before replicas answer" };

/** What a sink of hashes takes. */
export const redisHashSinkOptions = z
  .strictObject({
    ...upsert,
    fields: ofRecord<Readonly<Record<string, unknown>>>()
      .optional()
      .describe("the fields of the hash, as a function of the record; left out, those of the message"),
  })
  .refine(isReplicationPossible, noReplication)
  .refine(isWaitKnown, longWait);

/** What a sink of keys takes. */
export const redisKeySinkOptions = z
  .strictObject({
    ...upsert,
    content: ofRecord<string | Uint8Array>()
      .optional()
      .describe("what the key holds, as a function of the record; left out: text and bytes as they are, anything else as JSON"),
  })
  .refine(isReplicationPossible, noReplication)
  .refine(isWaitKnown, longWait);

/** What a sink of streams takes. */
export const redisStreamSinkOptions = z
  .strictObject({
    ...connectionOptions,
    ...replication,
    stream: z
      .union([z.string().min(1), ofRecord<string>()], { error: "must be the key of a stream, or a function of the record" })
      .describe("the key of the stream, or a function of the record"),
    maxLength: z.int().min(1).optional().describe("about how many entries the stream keeps, the newest; all where it is left out"),
    deduplicate: z
      .boolean()
      .default(true)
      .describe("whether records of topics that come again are recognised by their offsets; those of other sources are added again in any case"),
    fields: ofRecord<Readonly<Record<string, unknown>>>()
      .optional()
      .describe("the fields of an entry, as a function of the record; left out, those of the message, and the headers with `header:` in front"),
  })
  .refine(isReplicationPossible, noReplication)
  .refine(isWaitKnown, longWait);

type OfValue<Schema, T> = {
  readonly [Name in keyof Schema]: Schema[Name] extends infer Option
    ? Option extends (record: ConnectRecord<never>) => infer R
      ? (record: ConnectRecord<T>) => R
      : Option
    : never;
};

/** What a sink of hashes takes; see the table of its options. */
export type RedisHashSinkOptions<T> = OfValue<z.input<typeof redisHashSinkOptions>, T>;
/** What a sink of keys takes; see the table of its options. */
export type RedisKeySinkOptions<T> = OfValue<z.input<typeof redisKeySinkOptions>, T>;
/** What a sink of streams takes; see the table of its options. */
export type RedisStreamSinkOptions<T> = OfValue<z.input<typeof redisStreamSinkOptions>, T>;

export type ReplicationOptions = Pick<z.output<typeof redisHashSinkOptions>, keyof typeof replication>;
export type UpsertOptions = Pick<z.output<typeof redisHashSinkOptions>, keyof typeof upsert>;
export type ResolvedStreamSinkOptions = z.output<typeof redisStreamSinkOptions>;
