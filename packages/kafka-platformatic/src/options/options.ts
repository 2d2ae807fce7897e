import { kafkaConnection, loggerOption, optionsOf, resolveOptions, shown, wholeNumber, withKafkaEnvironment } from "@org/bus-core/internal";
import { z } from "zod";

const LARGEST_INT32 = 2 ** 31 - 1;

const oneOf = <Names extends readonly [string, ...string[]]>(...names: Names) =>
  z.enum(names, {
    error: ({ input }) =>
      `must be ${names
        .map((name) => `"${name}"`)
        .join(", ")
        .replace(/, ([^,]*)$/, " or $1")}, is ${shown(input)}`,
  });

const consumerSchema = optionsOf({
  /**
   * How the members of a group agree: `classic`, which every broker knows, with the assignor cooperative-sticky; or `consumer` (KIP-848, Kafka 4.0), where
   * the broker assigns. With both only the partitions move that must. All members of a classic group need the same assignor. @default "classic"
   */
  groupProtocol: oneOf("classic", "consumer").default("classic"),
  /**
   * The name of this member for the life of the service (static membership): it keeps its partitions while it restarts, if it is back within the session
   * timeout. Each process of a service needs another one. @default none
   */
  instanceId: z
    .string({ error: ({ input }) => `must be a text, is ${shown(input)}` })
    .regex(/^[a-zA-Z0-9._-]{1,249}$/, { error: ({ input }) => `must be 1 to 249 letters, digits, dots, hyphens and underscores, is ${shown(input)}` })
    .optional(),
  /** After how much silence the group gives the partitions of a member to others; with `consumer` the broker says that. @default 30000 */
  sessionTimeoutMs: wholeNumber("milliseconds", 1_000, 1_800_000).default(30_000),
  /** How long a rebalance waits for a member, so also the longest drain of partitions that move. @default 60000 */
  rebalanceTimeoutMs: wholeNumber("milliseconds", 1_000, 1_800_000).default(60_000),
  /**
   * How long a broker holds a fetch while there is nothing to deliver. Records that arrive are delivered at once all the same; this bounds how soon a
   * paused partition goes on while others are idle. @default 50
   */
  maxWaitMs: wholeNumber("milliseconds", 10, 30_000).default(50),
  /** The most bytes of one fetch from one broker. An answer is read in one go: while it is, no handler starts and no timer fires. @default 1048576 */
  maxFetchBytes: wholeNumber("bytes", 1_024, LARGEST_INT32).default(1 << 20),
});

const optionsSchema = optionsOf({
  ...kafkaConnection,
  /** How record batches are compressed. Whatever is chosen, all of them can be read. @default "none" */
  compression: oneOf("none", "gzip", "snappy", "lz4", "zstd").default("none"),
  consumer: consumerSchema.prefault({}),
  logger: loggerOption,
});

/** Options of `kafka`; what each means, and its default, is beside it in the schema above and in the README of the package. */
export type KafkaOptions = Omit<z.input<typeof optionsSchema>, "brokers"> & { readonly brokers?: readonly string[] };
export type ResolvedKafkaOptions = z.output<typeof optionsSchema>;
export type ConsumerTuning = ResolvedKafkaOptions["consumer"];

/**
 * Fills in what is missing from the environment, then the defaults.
 *
 * @throws {BusError} `invalid_options` with all faults of the options at once, or the first of the environment; never with a credential
 */
export function resolveKafkaOptions(options: KafkaOptions, environment: NodeJS.ProcessEnv = process.env): ResolvedKafkaOptions {
  return resolveOptions("kafka", optionsSchema, withKafkaEnvironment(options, environment));
}
