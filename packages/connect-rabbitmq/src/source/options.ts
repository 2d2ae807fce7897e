import { z } from "zod";
import { connectionOptions } from "../connection/options.js";
import type { RabbitmqMessage } from "./message.js";

const declaration = z.strictObject({
  type: z.enum(["quorum", "classic"]).default("quorum").describe("quorum queues are replicated, and count deliveries"),
  deliveryLimit: z
    .int()
    .min(1)
    .optional()
    .describe(
      "of a quorum queue: how often a message may come back before the broker dead-letters it, or drops it where there is no `deadLetterExchange`",
    ),
  deadLetterExchange: z.string().optional().describe('where the broker puts what it gives up; `""` is the default exchange'),
  deadLetterRoutingKey: z.string().optional().describe("the routing key there; that of the message where it is left out"),
  bindings: z
    .array(z.strictObject({ exchange: z.string().min(1), routingKey: z.string().default("") }))
    .default([])
    .describe("exchanges, which must exist, that the queue gets messages from"),
});

const text = z.string().min(1);

/** What a source of queues takes. */
export const rabbitmqSourceOptions = z.strictObject({
  ...connectionOptions,
  queues: z
    .union([text, z.array(text).min(1)], { error: "must be the name of a queue, or a list of such" })
    .describe("the queues to read; each is a split"),
  consumers: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe("of each queue, each a split of its own; with more than one, messages of a queue are out of order, those of one key too"),
  exclusive: z
    .boolean()
    .default(false)
    .describe("whether nobody else may consume from the queues meanwhile; keeps order where several processes could read one"),
  prefetch: z
    .int()
    .min(1)
    .max(65_535)
    .default(500)
    .describe("messages that the broker hands out before the first is acknowledged, for each consumer"),
  maxRecords: z.int().min(1).default(100).describe("the most messages that are read together"),
  format: z.enum(["json", "text", "bytes"]).default("json").describe("what the content of a message is; one that is none is unreadable"),
  schema: z
    .custom<z.ZodType>((value) => value instanceof z.ZodType, { error: "must be a zod schema" })
    .optional()
    .describe("zod schema of the content: gives records their type; a message that breaks it is unreadable"),
  key: z
    .custom<(message: RabbitmqMessage) => string | null>((value) => typeof value === "function", { error: "must be a function" })
    .optional()
    .describe("the key of a message, of its `routingKey` or `headers`; none where it is left out"),
  declare: declaration.optional().describe("create the queues where they do not exist; left out, they must"),
});

/** What a source of queues takes; see the table of its options. */
export type RabbitmqSourceOptions = z.input<typeof rabbitmqSourceOptions>;
export type ResolvedRabbitmqSourceOptions = z.output<typeof rabbitmqSourceOptions>;
