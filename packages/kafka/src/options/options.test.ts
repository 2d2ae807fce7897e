import { BusError } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { type KafkaOptions, resolveKafkaOptions } from "./options.js";

function faultOf(options: KafkaOptions, environment: NodeJS.ProcessEnv = {}): string {
  try {
    resolveKafkaOptions(options, environment);
  } catch (error) {
    if (error instanceof BusError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("resolveKafkaOptions", () => {
  test("names the option and the variable for the brokers", () => {
    expect(faultOf({})).toBe("invalid_options: kafka: brokers is required (pass the option or set KAFKA_BROKERS)");
    expect(faultOf({ brokers: [] })).toBe("invalid_options: kafka: brokers is required (pass the option or set KAFKA_BROKERS)");
    expect(faultOf({ brokers: ["localhost"] })).toBe(
      'invalid_options: kafka: brokers.0 must be "host:port" with a port from 1 to 65535, is "localhost"',
    );
  });

  test("fills in defaults", () => {
    expect(resolveKafkaOptions({ brokers: ["a:1"] }, {})).toMatchObject({
      clientId: "bus",
      ssl: false,
      connectTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      compression: "none",
      consumer: { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 60_000, maxWaitMs: 50, maxFetchBytes: 1_048_576 },
    });
  });

  test("takes from the environment what the options leave out", () => {
    const environment = {
      KAFKA_BROKERS: "a:1,b:2",
      KAFKA_CLIENT_ID: "from-environment",
      KAFKA_SSL: "true",
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-256",
      KAFKA_SASL_USERNAME: "alice",
      KAFKA_SASL_PASSWORD: "secret",
    };
    expect(resolveKafkaOptions({ clientId: "from-options" }, environment)).toMatchObject({
      brokers: ["a:1", "b:2"],
      clientId: "from-options",
      ssl: true,
      sasl: { mechanism: "scram-sha-256", username: "alice", password: "secret" },
    });
  });

  test("shows no raw text of the schema library", () => {
    const wrong = {
      connectTimeoutMs: 1,
      requestTimeoutMs: 0.5,
      compression: "lz4",
      clientId: "",
      logger: {},
      ssl: "yes",
      sasl: 7,
      consumer: 5,
      broker: [],
    };
    expect(faultOf({ brokers: ["a:1"], ...wrong } as never).split("; ")).toEqual([
      'invalid_options: kafka: clientId "" must not be empty: the name of this process in the logs of the brokers',
      'ssl must be true, false or an object with ca, cert and key, is "yes"',
      "sasl must be an object with mechanism and what goes with it",
      "connectTimeoutMs must be a whole number of milliseconds from 100 to 2147483647, is 1",
      "requestTimeoutMs must be a whole number of milliseconds from 100 to 2147483647, is 0.5",
      'compression must be "none", "gzip" or "zstd", is "lz4"',
      "consumer must be an object with options (sessionTimeoutMs, rebalanceTimeoutMs, maxWaitMs, maxFetchBytes, metadataMaxAgeMs), is 5",
      "logger must be an object with the methods debug, info, warn and error, as pino has",
      "has no option broker",
      "its options are brokers, clientId, ssl, sasl, connectTimeoutMs, requestTimeoutMs, compression, consumer, logger",
    ]);
  });

  test.each([
    ["localhost:9092", 'brokers must be a list such as ["localhost:9092"], is "localhost:9092"'],
    [[1], 'brokers.0 must be a text "host:port", is 1'],
    [["a:0"], 'brokers.0 must be "host:port" with a port from 1 to 65535, is "a:0"'],
    [["a:65536"], 'brokers.0 must be "host:port" with a port from 1 to 65535, is "a:65536"'],
    [["a:1", " "], 'brokers.1 must be "host:port" with a port from 1 to 65535, is ""'],
    [["kafka://a:1"], 'brokers.0 must be "host:port" with a port from 1 to 65535, is "kafka://a:1"'],
    [["alice:s3cret@a:1"], 'brokers.0 must be "host:port" with a port from 1 to 65535, is an address with a user'],
  ])("refuses the brokers %j", (brokers, fault) => {
    expect(faultOf({ brokers } as never)).toBe(`invalid_options: kafka: ${fault}`);
  });

  test("takes brokers without the spaces around them, and ports up to the last", () => {
    expect(resolveKafkaOptions({ brokers: [" a:1 ", "b:65535"] }, {}).brokers).toEqual(["a:1", "b:65535"]);
  });

  const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";
  const KEY = "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----";
  test.each([
    [{ ca: "/etc/ca.pem" }, "ssl.ca holds no PEM certificate; pass the content of a PEM file with a certificate, not its path"],
    [{ cert: CERTIFICATE, key: CERTIFICATE }, "ssl.key holds no PEM private key; pass the content of a PEM file with a private key, not its path"],
    [{ cert: CERTIFICATE }, "ssl has only one of cert and key; pass both for mutual TLS, or neither"],
    [{ key: KEY }, "ssl has only one of cert and key; pass both for mutual TLS, or neither"],
    [{ ca: 5 }, "ssl ca must be a text: pass the content of a PEM file with a certificate, not its path"],
    [{ certificate: "x" }, "ssl has no option certificate; its options are ca, cert, key, passphrase, servername"],
    [{ cert: CERTIFICATE, key: KEY, ca: CERTIFICATE }, undefined],
  ])("checks ssl %j", (ssl, fault) => {
    expect(faultOf({ brokers: ["a:1"], ssl } as never)).toBe(fault === undefined ? "none" : `invalid_options: kafka: ${fault}`);
  });

  const SECRET = "the-secret-x7";
  test.each([
    [
      { mechanism: "gssapi", password: SECRET },
      "sasl.mechanism must be plain, scram-sha-256, scram-sha-512, oauthbearer or oauthbearer-client-credentials",
    ],
    [{ mechanism: "plain", password: SECRET }, "sasl.username is required: the name of the user (option sasl.username or KAFKA_SASL_USERNAME)"],
    [
      { mechanism: "plain", username: "", password: 7 },
      "sasl.username must not be empty: the name of the user (option sasl.username or KAFKA_SASL_USERNAME); " +
        "sasl.password must be a text: the password of the user (option sasl.password or KAFKA_SASL_PASSWORD)",
    ],
    [{ mechanism: "plain", username: "u", password: SECRET, pass: SECRET }, "sasl has no option pass; its options are mechanism, username, password"],
    [{ mechanism: "oauthbearer", token: SECRET }, "sasl.token must be a function that resolves to a token"],
    [
      { mechanism: "oauthbearer-client-credentials", tokenEndpoint: `ftp://u:${SECRET}@a`, clientId: "c", clientSecret: SECRET },
      "sasl.tokenEndpoint must be the http or https address of the token endpoint (option sasl.tokenEndpoint or KAFKA_SASL_TOKEN_ENDPOINT)",
    ],
  ])("checks sasl without a credential in the message, %#", (sasl, fault) => {
    expect(faultOf({ brokers: ["a:1"], sasl } as never)).toBe(`invalid_options: kafka: ${fault}`);
  });

  test("does not look at the environment for what the options give", () => {
    const environment = { KAFKA_BROKERS: "x", KAFKA_SSL: "perhaps", KAFKA_SASL_MECHANISM: "gssapi" };
    const sasl = { mechanism: "plain", username: "u", password: "p" } as const;
    expect(resolveKafkaOptions({ brokers: ["a:1"], ssl: false, sasl }, environment)).toMatchObject({ brokers: ["a:1"], ssl: false, sasl });
  });
});
