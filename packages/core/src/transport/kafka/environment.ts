import { readFileSync } from "node:fs";
import { BusError } from "../../errors.js";
import { isPem, type PemKind, shown } from "./checks.js";

// A variable that is empty counts as not set: that is how a deployment file leaves one out.

type Environment = NodeJS.ProcessEnv;

const CLIENT_CREDENTIALS = "oauthbearer-client-credentials";

const MECHANISM_NAMES = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER";

const SSL_VALUES = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

interface SslFiles {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

interface UserSasl {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
}

interface ClientCredentialsSasl {
  readonly mechanism: typeof CLIENT_CREDENTIALS;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
}

/** By `KAFKA_SASL_MECHANISM` in lower case, what the option calls it. */
const MECHANISMS = new Map<string, (UserSasl | ClientCredentialsSasl)["mechanism"]>([
  ["plain", "plain"],
  ["scram-sha-256", "scram-sha-256"],
  ["scram-sha-512", "scram-sha-512"],
  ["oauthbearer", CLIENT_CREDENTIALS],
]);

function refuse(fault: string, cause?: unknown): never {
  throw new BusError("invalid_options", `kafka: ${fault}`, { cause });
}

export function brokersOf(environment: Environment): readonly string[] | undefined {
  return environment.KAFKA_BROKERS?.trim() ? environment.KAFKA_BROKERS.split(",") : undefined;
}

/** The content of the file that `variable` names. */
function readPem(variable: string, kind: PemKind, environment: Environment): string | undefined {
  const file = environment[variable];
  if (!file) return undefined;
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    return refuse(`${variable} must name a readable PEM file, is ${file}`, error);
  }
  if (!isPem(content, kind)) refuse(`${variable} must name a PEM file with a ${kind}; there is none in ${file}`);
  return content;
}

/**
 * TLS with the files that are named, or as `KAFKA_SSL` says.
 *
 * @throws {BusError} `invalid_options`
 */
export function sslOf(environment: Environment): SslFiles | boolean | undefined {
  const { KAFKA_SSL: wanted, KAFKA_SSL_CERT: certFile, KAFKA_SSL_KEY: keyFile } = environment;
  const ssl = SSL_VALUES.get(wanted?.trim().toLowerCase() ?? "");
  if (wanted && ssl === undefined) refuse(`KAFKA_SSL must be true, false, 1 or 0, is ${shown(wanted)}; set it to true for TLS, or unset it`);
  if (certFile && !keyFile) refuse("KAFKA_SSL_CERT is set without KAFKA_SSL_KEY; set both for mutual TLS, or neither");
  if (keyFile && !certFile) refuse("KAFKA_SSL_KEY is set without KAFKA_SSL_CERT; set both for mutual TLS, or neither");
  const ca = readPem("KAFKA_SSL_CA", "certificate", environment);
  const cert = readPem("KAFKA_SSL_CERT", "certificate", environment);
  const key = readPem("KAFKA_SSL_KEY", "private key", environment);
  return ca === undefined && cert === undefined ? ssl : { ca, cert, key };
}

/**
 * Who logs in. No message shows the value of a variable other than the mechanism.
 *
 * @throws {BusError} `invalid_options`
 */
export function saslOf(environment: Environment): UserSasl | ClientCredentialsSasl | undefined {
  const { KAFKA_SASL_MECHANISM: named, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = environment;
  if (!named) {
    const set = ["KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"].filter((variable) => environment[variable]).join(" and ");
    if (set !== "") refuse(`${set} set without KAFKA_SASL_MECHANISM; set it to ${MECHANISM_NAMES}, or unset ${set}`);
    return undefined;
  }
  const mechanism = MECHANISMS.get(named.trim().toLowerCase());
  if (mechanism === undefined) return refuse(`KAFKA_SASL_MECHANISM must be ${MECHANISM_NAMES}, is ${shown(named)}`);
  const required = (variable: string, value: string | undefined): string =>
    value || refuse(`${variable} is required with KAFKA_SASL_MECHANISM ${named}; set it, or unset KAFKA_SASL_MECHANISM`);
  const user = required("KAFKA_SASL_USERNAME", username);
  const secret = required("KAFKA_SASL_PASSWORD", password);
  if (mechanism !== CLIENT_CREDENTIALS) return { mechanism, username: user, password: secret };
  const tokenEndpoint = required("KAFKA_SASL_TOKEN_ENDPOINT", environment.KAFKA_SASL_TOKEN_ENDPOINT);
  return { mechanism, tokenEndpoint, clientId: user, clientSecret: secret, scope: environment.KAFKA_SASL_SCOPE || undefined };
}
