import { z } from "zod";
import { signatureOption } from "../signature/signature.js";

/** What a receiver of webhooks takes. */
export const webhookSourceOptions = z.strictObject({
  port: z.int().min(0).max(65_535).describe("where to listen; 0: any free one"),
  host: z.string().default("127.0.0.1").describe("the address to listen on; a proxy in front of it speaks TLS"),
  path: z.string().startsWith("/").default("/").describe("where callers post to"),
  signature: signatureOption.optional().describe("how callers sign; without it anybody may post"),
  idempotencyHeader: z
    .string()
    .toLowerCase()
    .default("idempotency-key")
    .describe("the header by which a caller names what it sends, and the id of its record: `x-github-delivery`, `webhook-id`"),
  idempotencyKey: z
    .custom<(body: never) => string | undefined>((value) => typeof value === "function", { error: "must be a function" })
    .optional()
    .describe("the same from the body, where no header has it, as in `({ id }) => id` for Stripe"),
  rememberMs: z
    .int()
    .min(0)
    .default(24 * 3_600_000)
    .describe("how long a key is remembered, in ms, so that what is sent again is answered and not written again; gone at a restart"),
  rememberKeys: z.int().min(0).max(10_000_000).default(100_000).describe("the most keys that are remembered, the newest of them"),
  headers: z.array(z.string().toLowerCase()).default([]).describe("headers that the record is to have, such as `x-github-event`"),
  schema: z
    .custom<z.ZodType>((value) => value instanceof z.ZodType, { error: "must be a zod schema" })
    .optional()
    .describe("zod schema of the body: gives records their type; what breaks it is answered with 422"),
  maxBytes: z
    .int()
    .min(1)
    .default(2 ** 20)
    .describe("the largest body; larger ones are answered with 413"),
  maxWaiting: z.int().min(1).default(1000).describe("requests that may wait for the sink; further ones are answered with 503"),
  answerWithinMs: z
    .int()
    .min(1)
    .default(30_000)
    .describe("how long a request may wait for the sink, in ms, before it is answered with 503; what it brought may be written nevertheless"),
  retryAfterSeconds: z.int().min(0).default(5).describe("what a 503 says of when to come again"),
  receiveWithinMs: z.int().min(1).default(10_000).describe("how long a caller may take to send its request, in ms"),
});

/** What a receiver of webhooks takes; see the table of its options. */
export type WebhookSourceOptions = z.input<typeof webhookSourceOptions>;
export type ResolvedWebhookSourceOptions = z.output<typeof webhookSourceOptions>;
