import { z } from "zod";
import { defaultMaxBytes, defaultMaxDepth } from "../contract/wire/limits.js";
import { failureOptions } from "../failure/options.js";
import type { OutgoingRecord } from "../transport/record.js";
import type { ResolvedExactlyOnceOptions } from "./exactly-once/options.js";

/** What keeps its order: records of one key (default), of one partition, or nothing. */
export type Order = "key" | "partition" | "none";

const positive = z.number().int().min(1);

const creditOptions = z.strictObject({
  /** Unsettled deliveries per stream. @default 10_000 */
  maxUnsettled: positive.default(10_000),
  /** Bytes of unsettled deliveries per stream. @default 64 MiB */
  maxUnsettledBytes: positive.default(64 * 1024 * 1024),
  /** From the committable offset to the newest received one, per partition. @default 10_000 */
  maxOffsetSpan: positive.default(10_000),
  /**
   * What may wait for one key in one place of a pipe. Kafka can hold back a partition only, not a key: a lower limit bounds what a hot or stuck key
   * gathers, and stops its neighbours in the partition earlier. @default 10_000
   */
  maxWaitingPerKey: positive.default(10_000),
});

const decodeOptions = z.strictObject({
  /** How deep messages may be nested in each other. @default 100 */
  maxDepth: positive.max(1_000).default(defaultMaxDepth),
  /** Bytes of a message. @default 64 MiB */
  maxBytes: positive.default(defaultMaxBytes),
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
  /** A record that goes beyond is not decoded: it takes the way of those that cannot be. */
  decode: decodeOptions.prefault({}),
  /**
   * How the span that processes a message stands to the one that created it. `"parent"`: it is its child, and one trace follows the data over all
   * hops. `"link"`: it begins a trace of its own and links to it, as the conventions of OpenTelemetry prefer: a message may be processed long after, by
   * many groups, or again, and a trace that never ends is cut off by what keeps it, and sampled as a whole. Baggage travels on either way.
   *
   * @default "parent"
   */
  trace: z.enum(["parent", "link"]).default("parent"),
  /** How far reading may run ahead of settling; past a limit the partition pauses. */
  credit: creditOptions.prefault({}),
  /** From one commit of the settled offsets to the next, in ms. After a crash, what was settled in between comes again. @default 1_000 */
  commitIntervalMs: positive.default(1_000),
  /** How long a revocation or `close()` waits for work in flight, in ms. @default 30_000 */
  drainTimeoutMs: z.number().min(0).default(30_000),
  /** A delivery older than this that is neither settled nor in a handler was dropped by an operator; in ms. @default 300_000 */
  settleTimeoutMs: positive.default(300_000),
});

/** Those of a stream, as given; each default stands beside its option in the schema above. */
export type ConsumeOptions = z.input<typeof consumeOptions>;
export type ResolvedConsumeOptions = z.output<typeof consumeOptions>;

/** How the commits of a log that is not Kafka's are cut: one that cannot go on at every offset, and keeps nothing beside it. */
export interface CommitCuts {
  /** The last offset up to `frontier` at which the log can go on. */
  at(frontier: number): number;
}

/** What a consumption runs with. */
export interface ConsumptionOptions extends ResolvedConsumeOptions {
  /** Absent: every offset can be committed, with a map of what is settled beyond it. */
  readonly commitCuts?: CommitCuts | undefined;
  /** What is published from it, its dead letters and its offsets are written in transactions. */
  readonly exactlyOnce?: ResolvedExactlyOnceOptions | undefined;
  /** Whether it begins anew by itself after a fault that may pass; else it ends with that. @default true */
  readonly beginsAnew?: boolean;
  /** Exactly once: a transaction with these records is committed. */
  readonly onCommitted?: ((records: readonly OutgoingRecord[]) => void) | undefined;
}

/** Those of `bus.consume`. */
export const handlerOptions = consumeOptions.extend({
  /** Handlers at once, over all partitions; never two of one key. @default 16 */
  concurrency: positive.default(16),
  /**
   * How long one try of the handler may take, in ms. Then `delivery.signal` fires, and when the handler has ended, however it did, the try has failed with
   * `timed_out`. Until then it keeps its key and its slot. @default as long as it takes
   */
  handlerTimeoutMs: positive.optional(),
  /** @default "key" */
  order: z.enum(["key", "partition", "none"]).default("key"),
});

/** Those of `bus.consume`, as given. */
export type HandlerOptions = z.input<typeof handlerOptions>;
