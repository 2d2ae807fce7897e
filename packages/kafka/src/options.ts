import { readFileSync } from "node:fs";
import { BusError, type Logger, stderrLogger } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";

const pem = z.string().min(1);
const username = z.string().min(1);
const password = z.string();

const sslSchema = z.union([
  z.boolean(),
  z.strictObject({
    /** PEM of the authorities to trust. @default those of Node */
    ca: pem.optional(),
    /** PEM of the client's certificate and key, for mutual TLS. */
    cert: pem.optional(),
    key: pem.optional(),
    passphrase: z.string().optional(),
    /** The name that the brokers' certificates must carry, where it is not the host name. */
    servername: z.string().optional(),
  }),
]);

const saslSchema = z.discriminatedUnion("mechanism", [
  z.strictObject({ mechanism: z.literal("plain"), username, password }),
  z.strictObject({ mechanism: z.literal("scram-sha-256"), username, password }),
  z.strictObject({ mechanism: z.literal("scram-sha-512"), username, password }),
  z.strictObject({
    mechanism: z.literal("oauthbearer"),
    /** Asked for a fresh token before each connection. */
    token: z.custom<() => Promise<string>>((value) => typeof value === "function", "must be a function that resolves to a token"),
  }),
  z.strictObject({
    mechanism: z.literal("oauthbearer-client-credentials"),
    /** Where client id and secret are exchanged for a token (OAuth 2.0, RFC 6749 section 4.4). */
    tokenEndpoint: z.url(),
    clientId: username,
    clientSecret: password,
    scope: z.string().optional(),
  }),
]);

const consumerSchema = z.strictObject({
  /** After how much silence the group gives the partitions of a member to others. @default 30000 */
  sessionTimeoutMs: z.int().min(1_000).max(1_800_000).default(30_000),
  /** How long a rebalance waits for a member. @default 60000 */
  rebalanceTimeoutMs: z.int().min(1_000).max(1_800_000).default(60_000),
  /**
   * How long a broker holds a fetch while there is nothing to deliver. Records that arrive are delivered at once all the same; this bounds how soon a
   * paused partition goes on while others are idle, and how soon `close` is done. @default 50
   */
  maxWaitMs: z.int().min(10).max(30_000).default(50),
  /**
   * The most bytes of one fetch from one broker. kafkajs reads an answer in one go: while it does, no handler starts and no timer fires. @default 1048576
   */
  maxFetchBytes: z
    .int()
    .min(1_024)
    .default(1 << 20),
});

const optionsSchema = z.strictObject({
  /** Bootstrap addresses, `host:port`. @default `KAFKA_BROKERS`, separated by commas */
  brokers: z
    .array(z.string().regex(/^.+:\d+$/, 'must be "host:port"'), "is required (pass the option or set KAFKA_BROKERS)")
    .min(1, "is required (pass the option or set KAFKA_BROKERS)"),
  /** How the brokers' logs and quotas name this process. @default `KAFKA_CLIENT_ID`, else "bus" */
  clientId: z.string().min(1).default("bus"),
  /** TLS. @default `KAFKA_SSL`, `KAFKA_SSL_CA`, `KAFKA_SSL_CERT`, `KAFKA_SSL_KEY`; else off */
  ssl: sslSchema.default(false),
  /** @default `KAFKA_SASL_MECHANISM` and what belongs to it; else none */
  sasl: saslSchema.optional(),
  /** @default 10000 */
  connectTimeoutMs: z.int().min(100).default(10_000),
  /** How long a broker may take to answer. @default 30000 */
  requestTimeoutMs: z.int().min(100).default(30_000),
  /** How record batches are compressed. Whatever is chosen, gzip and zstd can be read. @default "none" */
  compression: z.enum(["none", "gzip", "zstd"]).default("none"),
  consumer: consumerSchema.prefault({}),
  /** @default warnings and errors, to stderr */
  logger: z.custom<Logger>((value) => typeof value === "object" && value !== null).default(stderrLogger),
});

/** Options of `kafka`; what each means, and its default, is beside it in the schema above and in the README of the package. */
export type KafkaOptions = Omit<z.input<typeof optionsSchema>, "brokers"> & { readonly brokers?: readonly string[] };
export type ResolvedKafkaOptions = z.output<typeof optionsSchema>;
export type SaslOptions = z.output<typeof saslSchema>;

function readPem(variable: string, environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment[variable];
  if (!file) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new BusError("invalid_options", `kafka: ${variable} must name a readable PEM file, is ${file}`, { cause: error });
  }
}

function sslOf(environment: NodeJS.ProcessEnv): KafkaOptions["ssl"] {
  const files = {
    ca: readPem("KAFKA_SSL_CA", environment),
    cert: readPem("KAFKA_SSL_CERT", environment),
    key: readPem("KAFKA_SSL_KEY", environment),
  };
  if (Object.values(files).some((file) => file !== undefined)) return files;
  return environment.KAFKA_SSL === undefined ? undefined : environment.KAFKA_SSL === "true";
}

// what is wrong with it, the schema says
function saslOf(environment: NodeJS.ProcessEnv): unknown {
  const mechanism = environment.KAFKA_SASL_MECHANISM?.toLowerCase();
  if (!mechanism) return undefined;
  const [user, secret] = [environment.KAFKA_SASL_USERNAME, environment.KAFKA_SASL_PASSWORD];
  if (mechanism !== "oauthbearer") return { mechanism, username: user, password: secret };
  return {
    mechanism: "oauthbearer-client-credentials",
    tokenEndpoint: environment.KAFKA_SASL_TOKEN_ENDPOINT,
    clientId: user,
    clientSecret: secret,
    ...(environment.KAFKA_SASL_SCOPE === undefined ? {} : { scope: environment.KAFKA_SASL_SCOPE }),
  };
}

/**
 * Fills in what is missing from the environment, then the defaults.
 *
 * @throws {BusError} `invalid_options` with all faults at once; never with a credential
 */
export function resolveKafkaOptions(options: KafkaOptions, environment: NodeJS.ProcessEnv = process.env): ResolvedKafkaOptions {
  return resolveOptions("kafka", optionsSchema, {
    ...options,
    brokers: options.brokers ?? environment.KAFKA_BROKERS?.split(","),
    clientId: options.clientId ?? environment.KAFKA_CLIENT_ID,
    ssl: options.ssl ?? sslOf(environment),
    sasl: options.sasl ?? saslOf(environment),
  });
}
