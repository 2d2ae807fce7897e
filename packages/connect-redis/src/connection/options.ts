import { secretOption, tlsOptions, urlOption } from "@org/bus-connect";
import { z } from "zod";

const url = urlOption(["redis", "rediss"]);

/** What sources and sinks need to reach Redis. */
export const connectionOptions = {
  url: z
    .union([url, z.array(url).min(1)], { error: ({ errors }) => errors?.[0]?.[0]?.message ?? "" })
    .describe(
      "where Redis is: `redis://user@host:6379/0`, `rediss://` for TLS, or a secret with such an address; of a cluster or of sentinels one or several",
    ),
  cluster: z.boolean().default(false).describe("whether `url` is of nodes of a Redis Cluster"),
  sentinel: z.string().min(1).optional().describe("the name of the master, where `url` is of sentinels"),
  username: z.string().optional().describe("of the servers, where the url has none: with sentinels the url is theirs"),
  password: secretOption.optional().describe("of the servers, where the url has none"),
  tls: tlsOptions.optional().describe("for `rediss://`, where the defaults of Node do not do"),
  connectTimeoutMs: z.int().min(1).default(10_000).describe("how long it may take to connect, in ms"),
  responseTimeoutMs: z.int().min(100).default(15_000).describe("how long Redis may be silent before the connection is taken for lost, in ms"),
};

export type ConnectionOptions = z.output<z.ZodObject<typeof connectionOptions>>;
