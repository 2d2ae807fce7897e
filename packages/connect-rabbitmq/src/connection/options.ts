import { tlsOptions, urlOption } from "@org/bus-connect";
import { z } from "zod";

/** What source and sink need to reach a broker. */
export const connectionOptions = {
  url: urlOption(["amqp", "amqps"]).describe(
    "where the broker is: `amqps://user@host:5671/vhost`, or a secret with such an address; without a user it is `guest`. `?heartbeat=` in s, 15 where it is left out",
  ),
  tls: tlsOptions.optional().describe("for `amqps://`, where the defaults of Node do not do"),
  connectTimeoutMs: z.int().min(1).default(10_000).describe("how long it may take to connect, in ms"),
};

export type ConnectionOptions = z.output<z.ZodObject<typeof connectionOptions>>;
