import { z } from "zod";

/** What to do with a message that fails. */
export const failureOptions = z.strictObject({
  /** Tries in memory, the first included; the key waits meanwhile, others go on. @default 3 */
  attempts: z.number().int().min(1).default(3),
  /** Wait before the second try, in ms; doubles with each further one. @default 100 */
  initialBackoffMs: z.number().min(0).default(100),
  /** The longest wait between two tries, in ms. @default 30_000 */
  maxBackoffMs: z.number().min(0).default(30_000),
  /** Part of each wait that is random, 0 to 1. @default 0.2 */
  jitter: z.number().min(0).max(1).default(0.2),
  /**
   * After the last try: `deadLetter` writes the record to `<topic>.<group>.dlq` and goes on, `stop` ends the stream. A topic that does not exist
   * or may not be written to ends the stream in any case: every message would meet it. @default "deadLetter"
   */
  otherwise: z.enum(["deadLetter", "stop"]).default("deadLetter"),
});

/** `failure` of a stream, as given. */
export type FailureOptions = z.input<typeof failureOptions>;
export type ResolvedFailureOptions = z.output<typeof failureOptions>;
