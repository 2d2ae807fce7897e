import { z } from "zod";
import { type Logger, stderrLogger } from "../../logger.js";
import { brokerList, filledText, optionsOf, pemText, secretText, shown, wholeNumber } from "./checks.js";
import { brokersOf, saslOf, sslOf } from "./environment.js";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

const username = filledText("the name of the user (option sasl.username or KAFKA_SASL_USERNAME)");
const password = secretText("the password of the user (option sasl.password or KAFKA_SASL_PASSWORD)");

const sslFiles = optionsOf({
  /** PEM of the authorities to trust. @default those of Node */
  ca: pemText("certificate").optional(),
  /** PEM of the client's certificate and key, for mutual TLS. */
  cert: pemText("certificate").optional(),
  key: pemText("private key").optional(),
  passphrase: secretText("the passphrase of ssl.key").optional(),
  /** The name that the brokers' certificates must carry, where it is not the host name. */
  servername: filledText("the name in the certificates of the brokers").optional(),
}).refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
  error: "has only one of cert and key; pass both for mutual TLS, or neither",
});

const sslSchema = z.union([z.boolean(), sslFiles], {
  error: ({ input, errors }) => {
    const [, ofFiles = []] = errors ?? [];
    if (typeof input !== "object" || input === null) return `must be true, false or an object with ca, cert and key, is ${shown(input)}`;
    return ofFiles.map(({ path, message }) => [...path.map(String), message].join(" ")).join("; ");
  },
});

const saslSchema = z.discriminatedUnion(
  "mechanism",
  [
    optionsOf({ mechanism: z.literal("plain"), username, password }),
    optionsOf({ mechanism: z.literal("scram-sha-256"), username, password }),
    optionsOf({ mechanism: z.literal("scram-sha-512"), username, password }),
    optionsOf({
      mechanism: z.literal("oauthbearer"),
      /** Asked for a fresh token before each connection. */
      token: z.custom<() => Promise<string>>((value) => typeof value === "function", "must be a function that resolves to a token"),
    }),
    optionsOf({
      mechanism: z.literal("oauthbearer-client-credentials"),
      /** Where client id and secret are exchanged for a token (OAuth 2.0, RFC 6749 section 4.4). */
      tokenEndpoint: z.url({
        protocol: /^https?$/,
        error: "must be the http or https address of the token endpoint (option sasl.tokenEndpoint or KAFKA_SASL_TOKEN_ENDPOINT)",
      }),
      clientId: filledText("the client id (option sasl.clientId or KAFKA_SASL_USERNAME)"),
      clientSecret: secretText("the client secret (option sasl.clientSecret or KAFKA_SASL_PASSWORD)"),
      scope: filledText("the scope to ask for (option sasl.scope or KAFKA_SASL_SCOPE)").optional(),
    }),
  ],
  {
    error: ({ code }) =>
      code === "invalid_union"
        ? "must be plain, scram-sha-256, scram-sha-512, oauthbearer or oauthbearer-client-credentials"
        : "must be an object with mechanism and what goes with it",
  },
);

export type KafkaSsl = z.output<typeof sslSchema>;
export type KafkaSasl = z.output<typeof saslSchema>;

const LOG_METHODS = ["debug", "info", "warn", "error"] as const;

function isLogger(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return LOG_METHODS.every((method) => method in value && typeof Reflect.get(value, method) === "function");
}

/** The options that every transport to Kafka has, whatever client it is on. */
export const kafkaConnection = {
  /** Bootstrap addresses, `host:port`. @default `KAFKA_BROKERS`, separated by commas */
  brokers: brokerList,
  /** How the brokers' logs and quotas name this process. @default `KAFKA_CLIENT_ID`, else "bus" */
  clientId: filledText("the name of this process in the logs of the brokers").default("bus"),
  /** TLS. @default `KAFKA_SSL`, `KAFKA_SSL_CA`, `KAFKA_SSL_CERT`, `KAFKA_SSL_KEY`; else off */
  ssl: sslSchema.default(false),
  /** @default `KAFKA_SASL_MECHANISM` and what belongs to it; else none */
  sasl: saslSchema.optional(),
  /** @default 10000 */
  connectTimeoutMs: wholeNumber("milliseconds", 100, LONGEST_TIMER_MS).default(10_000),
  /** How long a broker may take to answer. @default 30000 */
  requestTimeoutMs: wholeNumber("milliseconds", 100, LONGEST_TIMER_MS).default(30_000),
};

/** @default warnings and errors, to stderr */
export const loggerOption = z
  .custom<Logger>(isLogger, "must be an object with the methods debug, info, warn and error, as pino has")
  .default(stderrLogger);

interface FromEnvironment {
  readonly brokers?: readonly string[] | undefined;
  readonly clientId?: string | undefined;
  readonly ssl?: unknown;
  readonly sasl?: unknown;
}

/**
 * `options`, with what they leave out taken from the environment.
 *
 * @throws {BusError} `invalid_options` for the first fault of the environment; never with a credential
 */
export function withKafkaEnvironment<O extends FromEnvironment>(options: O, environment: NodeJS.ProcessEnv): O & FromEnvironment {
  const { brokers = brokersOf(environment), clientId = environment.KAFKA_CLIENT_ID || undefined } = options;
  const { ssl = sslOf(environment), sasl = saslOf(environment) } = options;
  return { ...options, brokers, clientId, ssl, sasl };
}
