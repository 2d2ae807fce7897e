import { secretOption, urlOption } from "@org/bus-connect";
import { z } from "zod";

/** What source and sink need to reach a broker. */
export const connectionOptions = {
  url: urlOption(["amqp", "amqps"]).describe(
    "where the broker is: `amqps://user@host:5671/vhost`, or a secret with such an address; without a user it is `guest`. `?heartbeat=` in s, 15 where it is left out",
  ),
  tls: z
    .strictObject({
      ca: z.string().optional().describe("PEM of the authorities to trust; those of Node where it is left out"),
      cert: z.string().optional().describe("PEM of the client's certificate, for mutual TLS"),
      key: secretOption.optional().describe("PEM of the client's private key"),
      passphrase: secretOption.optional().describe("of the private key"),
      servername: z.string().optional().describe("the name in the certificate of the broker, where it is not the host"),
    })
    .optional()
    .describe("for `amqps://`, where the defaults of Node do not do"),
  connectTimeoutMs: z.int().min(1).default(10_000).describe("how long it may take to connect, in ms"),
};

export type ConnectionOptions = z.output<z.ZodObject<typeof connectionOptions>>;
