import { BusError } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { resolveKafkaOptions } from "./options.js";

function faultOf(options: object): string {
  try {
    // what the types refuse is what is tested
    resolveKafkaOptions(options as never, {});
  } catch (error) {
    if (error instanceof BusError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("resolveKafkaOptions", () => {
  test("fills in defaults", () => {
    expect(resolveKafkaOptions({ brokers: ["a:1"] }, {})).toMatchObject({
      clientId: "bus",
      ssl: false,
      connectTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      compression: "none",
      consumer: { groupProtocol: "classic", sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 60_000, maxWaitMs: 50, maxFetchBytes: 1_048_576 },
    });
  });

  test("takes from the environment what the options leave out", () => {
    const environment = { KAFKA_BROKERS: "a:1,b:2", KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_SASL_USERNAME: "alice", KAFKA_SASL_PASSWORD: "secret" };
    expect(resolveKafkaOptions({}, environment)).toMatchObject({
      brokers: ["a:1", "b:2"],
      sasl: { mechanism: "plain", username: "alice", password: "secret" },
    });
  });

  test.each([
    [{ compression: "brotli" }, 'compression must be "none", "gzip", "snappy", "lz4" or "zstd", is "brotli"'],
    [{ consumer: { groupProtocol: "streams" } }, 'consumer.groupProtocol must be "classic" or "consumer", is "streams"'],
    [{ consumer: { instanceId: 7 } }, "consumer.instanceId must be a text, is 7"],
    [{ consumer: { instanceId: "a b" } }, 'consumer.instanceId must be 1 to 249 letters, digits, dots, hyphens and underscores, is "a b"'],
    [
      { consumer: { groupInstanceId: "a" } },
      "consumer has no option groupInstanceId; its options are groupProtocol, instanceId, sessionTimeoutMs, rebalanceTimeoutMs, maxWaitMs, maxFetchBytes",
    ],
  ])("refuses %j", (options, fault) => {
    expect(faultOf({ brokers: ["a:1"], ...options })).toBe(`invalid_options: kafka: ${fault}`);
  });
});
