import { secretOption, tlsOptions } from "@org/bus-connect";
import { z } from "zod";

/** How PostgreSQL is reached; the same for sources and sinks. */
export const connectionOptions = z.strictObject({
  url: secretOption.describe("`postgres://user:password@host:5432/database`, by reference, for it holds the password"),
  tls: z
    .union([z.boolean(), tlsOptions])
    .default(false)
    .describe("whether and how the connection is encrypted; the certificate of the server is always verified"),
  maxConnections: z.int().min(1).max(1_000).default(4).describe("connections in the pool"),
  connectTimeoutMs: z.int().min(1).default(10_000).describe("how long a connection may take to come up"),
  statementTimeoutMs: z
    .int()
    .min(0)
    .default(30_000)
    .describe("after how long the server ends a statement, in ms, and soon after which it is taken for lost when it has not answered; 0: never"),
  applicationName: z.string().min(1).max(63).optional().describe("as `pg_stat_activity` shows it; by default the connector's name"),
});

export type ConnectionOptions = z.input<typeof connectionOptions>;
export type ResolvedConnectionOptions = z.output<typeof connectionOptions>;
