import { secretOption, urlOption } from "@org/bus-connect";
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
  tls: z
    .strictObject({
      ca: z.string().optional().describe("PEM of the authorities to trust; those of Node where it is left out"),
      cert: z.string().optional().describe("PEM of the client's certificate, for mutual TLS"),
      key: secretOption.optional().describe("PEM of the client's private key"),
      passphrase: secretOption.optional().describe("of the private key"),
      servername: z.string().optional().describe("the name in the certificate of the server, where it is not the host"),
    })
    .optional()
    .describe("for `rediss://`, where the defaults of Node do not do"),
  connectTimeoutMs: z.int().min(1).default(10_000).describe("how long it may take to connect, in ms"),
};

export type ConnectionOptions = z.output<z.ZodObject<typeof connectionOptions>>;
