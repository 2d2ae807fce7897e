import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
    expect(faultOf({})).toBe("invalid_options: kafka: brokers: is required (pass the option or set KAFKA_BROKERS)");
    expect(faultOf({ brokers: [] })).toBe("invalid_options: kafka: brokers: is required (pass the option or set KAFKA_BROKERS)");
    expect(faultOf({ brokers: ["localhost"] })).toBe('invalid_options: kafka: brokers.0: must be "host:port"');
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

  test("reads certificates from the files that the environment names", () => {
    const directory = mkdtempSync(join(tmpdir(), "bus-pem-"));
    const file = join(directory, "ca.pem");
    writeFileSync(file, "the authority");
    expect(resolveKafkaOptions({ brokers: ["a:1"] }, { KAFKA_SSL_CA: file }).ssl).toEqual({ ca: "the authority" });
    rmSync(directory, { recursive: true });
    expect(faultOf({ brokers: ["a:1"] }, { KAFKA_SSL_CA: file })).toBe(
      `invalid_options: kafka: KAFKA_SSL_CA must name a readable PEM file, is ${file}`,
    );
  });

  test("shows no password when it refuses the options", () => {
    const environment = { KAFKA_BROKERS: "a:1", KAFKA_SASL_MECHANISM: "plain", KAFKA_SASL_PASSWORD: "the-secret-x7" };
    expect(faultOf({}, environment)).toMatch(/^invalid_options: kafka: sasl\.username: /);
    expect(faultOf({}, environment)).not.toContain("the-secret-x7");
    expect(faultOf({}, { ...environment, KAFKA_SASL_MECHANISM: "gssapi" })).not.toContain("the-secret-x7");
  });
});
