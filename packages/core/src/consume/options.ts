import { z } from "zod";

/** What keeps its order: records of one key (default), of one partition, or nothing. */
export type Order = "key" | "partition" | "none";

const positive = z.number().int().min(1);

export const failureOptions = z.strictObject({
  /** Tries in memory, the first included; the key waits meanwhile, others go on. @default 3 */
  attempts: positive.default(3),
  /** Wait before the second try, in ms; doubles with each further one. @default 100 */
  initialBackoffMs: z.number().min(0).default(100),
  /** @default 30_000 */
  maxBackoffMs: z.number().min(0).default(30_000),
  /** Part of each wait that is random, 0 to 1. @default 0.2 */
  jitter: z.number().min(0).max(1).default(0.2),
  /**
   * After the last try: `deadLetter` writes the record to `<topic>.<group>.dlq` and goes on, `stop` ends the stream. A topic that does not exist
   * or may not be written to ends the stream in any case: every message would meet it. @default "deadLetter"
   */
  otherwise: z.enum(["deadLetter", "stop"]).default("deadLetter"),
});

export const creditOptions = z.strictObject({
  /** Unsettled deliveries per stream. @default 10_000 */
  maxUnsettled: positive.default(10_000),
  /** Bytes of unsettled deliveries per stream. @default 64 MiB */
  maxUnsettledBytes: positive.default(64 * 1024 * 1024),
  /** From the committable offset to the newest received one, per partition. @default 10_000 */
  maxOffsetSpan: positive.default(10_000),
});

export const consumeOptions = z.strictObject({
  /** The consumer group. */
  group: z.string().min(1),
  /** Where to start without a committed offset. @default "earliest" */
  from: z.union([z.enum(["earliest", "latest"]), z.date()]).default("earliest"),
  /** When the committed offset has left the log. @default "stop" */
  outOfRange: z.enum(["stop", "earliest", "latest"]).default("stop"),
  /** What to do with a message whose handler fails. */
  failure: failureOptions.prefault({}),
  /** How far reading may run ahead of settling; past a limit the partition pauses. */
  credit: creditOptions.prefault({}),
  /** @default 1_000 */
  commitIntervalMs: positive.default(1_000),
  /** How long a revocation or `close()` waits for work in flight. @default 30_000 */
  drainTimeoutMs: z.number().min(0).default(30_000),
  /** A delivery older than this that is neither settled nor in a handler was dropped by an operator. @default 300_000 */
  settleTimeoutMs: positive.default(300_000),
});

export type ConsumeOptions = z.input<typeof consumeOptions>;
export type ResolvedConsumeOptions = z.output<typeof consumeOptions>;
export type FailureOptions = z.input<typeof failureOptions>;
