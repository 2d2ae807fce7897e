import { kafkaConnection, loggerOption, optionsOf, resolveOptions, shown, wholeNumber, withKafkaEnvironment } from "@org/bus-core/internal";
import { z } from "zod";

const LARGEST_INT32 = 2 ** 31 - 1;

const consumerSchema = optionsOf({
  /** After how much silence the group gives the partitions of a member to others. @default 30000 */
  sessionTimeoutMs: wholeNumber("milliseconds", 1_000, 1_800_000).default(30_000),
  /** How long a rebalance waits for a member. @default 60000 */
  rebalanceTimeoutMs: wholeNumber("milliseconds", 1_000, 1_800_000).default(60_000),
  /**
   * How long a broker holds a fetch while there is nothing to deliver. Records that arrive are delivered at once all the same; this bounds how soon a
   * paused partition goes on while others are idle, and how soon `close` is done. @default 50
   */
  maxWaitMs: wholeNumber("milliseconds", 10, 30_000).default(50),
  /**
   * The most bytes of one fetch from one broker. kafkajs reads an answer in one go: while it does, no handler starts and no timer fires. @default 1048576
   */
  maxFetchBytes: wholeNumber("bytes", 1_024, LARGEST_INT32).default(1 << 20),
  /** How soon, at the latest, partitions that were added to a topic are found. @default 300000 */
  metadataMaxAgeMs: wholeNumber("milliseconds", 100, LARGEST_INT32).default(300_000),
});

const optionsSchema = optionsOf({
  ...kafkaConnection,
  /** How record batches are compressed. Whatever is chosen, gzip and zstd can be read. @default "none" */
  compression: z.enum(["none", "gzip", "zstd"], { error: ({ input }) => `must be "none", "gzip" or "zstd", is ${shown(input)}` }).default("none"),
  consumer: consumerSchema.prefault({}),
  logger: loggerOption,
});

/** Options of `kafka`; what each means, and its default, is beside it in the schema above and in the README of the package. */
export type KafkaOptions = Omit<z.input<typeof optionsSchema>, "brokers"> & { readonly brokers?: readonly string[] };
export type ResolvedKafkaOptions = z.output<typeof optionsSchema>;

/**
 * Fills in what is missing from the environment, then the defaults.
 *
 * @throws {BusError} `invalid_options` with all faults of the options at once, or the first of the environment; never with a credential
 */
export function resolveKafkaOptions(options: KafkaOptions, environment: NodeJS.ProcessEnv = process.env): ResolvedKafkaOptions {
  return resolveOptions("kafka", optionsSchema, withKafkaEnvironment(options, environment));
}
