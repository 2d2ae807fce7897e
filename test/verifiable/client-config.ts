import { readFileSync } from "node:fs";
import type { KafkaOptions } from "@org/bus-kafka";
import { readProperties } from "./properties.js";

/** What a configuration file of Kafka's own clients says, as the transports take it. */
export type ClientConfig = Pick<KafkaOptions, "clientId" | "ssl" | "sasl">;

const PROTOCOLS = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
const TOKEN_ENDPOINT = "sasl.oauthbearer.token.endpoint.url";

/** The keys that are taken. */
const KEYS = [
  "client.id",
  "security.protocol",
  "sasl.mechanism",
  "sasl.jaas.config",
  TOKEN_ENDPOINT,
  "ssl.truststore.type",
  "ssl.truststore.location",
  "ssl.truststore.certificates",
  "ssl.keystore.type",
  "ssl.keystore.location",
  "ssl.keystore.certificate.chain",
  "ssl.keystore.key",
  "ssl.key.password",
  "ssl.endpoint.identification.algorithm",
];

/**
 * Reads a properties file with the security settings of Kafka's Java clients, as far as the transports have them: certificates as PEM, PLAIN, SCRAM, and
 * OAUTHBEARER by client credentials.
 *
 * @throws {RangeError} for what is not supported, by key; a secret is never shown
 */
export function readClientConfig(file: string): ClientConfig {
  const properties = readProperties(readText("the configuration file", file));
  const unknown = [...properties.keys()].filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) throw new RangeError(`${file}: ${unknown.join(", ")} cannot be taken over (what can: ${KEYS.join(", ")})`);
  try {
    const protocol = properties.get("security.protocol") ?? "PLAINTEXT";
    if (!PROTOCOLS.includes(protocol)) throw new RangeError(`security.protocol ${protocol} must be one of ${PROTOCOLS.join(", ")}`);
    const clientId = properties.get("client.id");
    return {
      ...(clientId !== undefined && { clientId }),
      // not undefined, which would be left to the environment
      ssl: protocol.endsWith("SSL") ? sslOf(properties) : false,
      ...(protocol.startsWith("SASL") && { sasl: saslOf(properties) }),
    };
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${file}: ${error.message}`) : error;
  }
}

type Properties = ReadonlyMap<string, string>;

function sslOf(properties: Properties): NonNullable<KafkaOptions["ssl"]> {
  for (const key of ["ssl.truststore.type", "ssl.keystore.type"]) {
    const type = properties.get(key);
    if (type !== undefined && type !== "PEM") throw new RangeError(`${key} ${type} must be PEM`);
  }
  if ((properties.get("ssl.endpoint.identification.algorithm") ?? "https").toLowerCase() !== "https") {
    throw new RangeError("ssl.endpoint.identification.algorithm must be https: the names in certificates are always checked");
  }
  const ca = pemOf(properties, "ssl.truststore", "ssl.truststore.certificates");
  const cert = pemOf(properties, "ssl.keystore", "ssl.keystore.certificate.chain");
  const key = properties.get("ssl.keystore.key") ?? (properties.has("ssl.keystore.location") ? cert : undefined);
  const passphrase = properties.get("ssl.key.password");
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(passphrase && { passphrase }) };
  return Object.keys(files).length === 0 ? true : files;
}

/** PEM that stands in the configuration, or in a file that it names. */
function pemOf(properties: Properties, store: string, inline: string): string | undefined {
  const location = properties.get(`${store}.location`);
  if (location === undefined) return properties.get(inline);
  // the default of Kafka is JKS
  if (properties.get(`${store}.type`) !== "PEM") throw new RangeError(`${store}.type must be PEM`);
  return readText(`${store}.location`, location);
}

function saslOf(properties: Properties): NonNullable<KafkaOptions["sasl"]> {
  const mechanism = properties.get("sasl.mechanism") ?? "GSSAPI";
  const login = jaasOptions(properties.get("sasl.jaas.config") ?? "");
  const required = (name: string): string => {
    const value = login.get(name);
    if (value === undefined) throw new RangeError(`sasl.jaas.config must have ${name}="…" for sasl.mechanism ${mechanism}`);
    return value;
  };
  switch (mechanism) {
    case "PLAIN":
      return { mechanism: "plain", username: required("username"), password: required("password") };
    case "SCRAM-SHA-256":
      return { mechanism: "scram-sha-256", username: required("username"), password: required("password") };
    case "SCRAM-SHA-512":
      return { mechanism: "scram-sha-512", username: required("username"), password: required("password") };
    case "OAUTHBEARER": {
      const tokenEndpoint = properties.get(TOKEN_ENDPOINT);
      if (tokenEndpoint === undefined) throw new RangeError(`${TOKEN_ENDPOINT} is required with sasl.mechanism OAUTHBEARER`);
      const scope = login.get("scope");
      const credentials = { clientId: required("clientId"), clientSecret: required("clientSecret") };
      return { mechanism: "oauthbearer-client-credentials", tokenEndpoint, ...credentials, ...(scope !== undefined && { scope }) };
    }
    default:
      throw new RangeError(`sasl.mechanism ${mechanism} must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER`);
  }
}

/** The options of a login module: `org.apache.…PlainLoginModule required username="alice" password="…";`. */
function jaasOptions(text: string): ReadonlyMap<string, string> {
  const options = text.matchAll(/([\w.]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;"]+))/g);
  return new Map([...options].map(([, name = "", quoted, bare]) => [name, quoted === undefined ? (bare ?? "") : quoted.replaceAll(/\\(.)/gs, "$1")]));
}

function readText(what: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new RangeError(`${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
