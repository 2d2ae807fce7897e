import { z } from "zod";

const positive = z.number().int().min(1);

/** How the transactions of a stream are cut. */
export const exactlyOnceOptions = z.strictObject({
  /** How long what is settled waits for others to go with it in one transaction, in ms. @default 100 */
  maxWaitMs: positive.default(100),
  /** Messages of one partition whose results go into one transaction; reached earlier than `maxWaitMs`, it is written at once. @default 1_000 */
  maxMessages: positive.default(1_000),
});

export type ExactlyOnceOptions = z.input<typeof exactlyOnceOptions>;
export type ResolvedExactlyOnceOptions = z.output<typeof exactlyOnceOptions>;
