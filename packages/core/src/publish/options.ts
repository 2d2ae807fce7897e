import { z } from "zod";

const positive = z.number().int().min(1);

/** How messages are gathered on their way out. */
export const publisherOptions = z.strictObject({
  /** How long the first message of a batch waits for others, in ms. At 0 it goes out at the end of the current turn. @default 0 */
  lingerMs: z.number().min(0).default(0),
  /** Messages in one send. @default 1_000 */
  maxBatchRecords: positive.default(1_000),
  /**
   * Bytes in one send, keys and headers included; a message that is larger is refused. Has to stay below the `max.message.bytes` of the
   * topics, which is 1,048,588 by default. @default 1_000_000
   */
  maxBatchBytes: positive.default(1_000_000),
  /**
   * Encoded bytes that wait for a send or for its acknowledgement. Past it messages wait unencoded, in order: one must not be changed
   * before its promise has settled. @default 32 MiB
   */
  maxBufferedBytes: positive.default(32 * 1024 * 1024),
  /** From the call to the acknowledgement, waiting and retries included, in ms. @default 120_000 */
  deliveryTimeoutMs: positive.default(120_000),
});

/** `publish` of `createBus`, as given. */
export type PublisherOptions = z.input<typeof publisherOptions>;
export type ResolvedPublisherOptions = z.output<typeof publisherOptions>;
