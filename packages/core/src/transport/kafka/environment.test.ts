import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BusError } from "../../errors.js";
import { brokersOf, saslOf, sslOf } from "./environment.js";

function faultOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof BusError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("brokersOf", () => {
  test("splits at commas; empty is not set", () => {
    expect(brokersOf({ KAFKA_BROKERS: "a:1, b:2" })).toEqual(["a:1", " b:2"]);
    expect([brokersOf({}), brokersOf({ KAFKA_BROKERS: " " })]).toEqual([undefined, undefined]);
  });
});

describe("sslOf", () => {
  const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
  const KEY = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
  let directory = "";
  const file = (name: string) => join(directory, name);
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "bus-pem-"));
    writeFileSync(file("certificate"), CERTIFICATE);
    writeFileSync(file("key"), KEY);
    writeFileSync(file("text"), "the authority");
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each([
    ["true", true],
    ["TRUE", true],
    ["1", true],
    ["false", false],
    ["False", false],
    ["0", false],
    ["", undefined],
    [undefined, undefined],
  ])("takes KAFKA_SSL %j as %j", (KAFKA_SSL, expected) => {
    expect(sslOf(KAFKA_SSL === undefined ? {} : { KAFKA_SSL })).toBe(expected);
  });

  test.each(["yes", "on", "2", "ssl"])("refuses KAFKA_SSL %j", (KAFKA_SSL) => {
    expect(faultOf(() => sslOf({ KAFKA_SSL }))).toBe(
      `invalid_options: kafka: KAFKA_SSL must be true, false, 1 or 0, is "${KAFKA_SSL}"; set it to true for TLS, or unset it`,
    );
  });

  test("reads the files that are named", () => {
    expect(sslOf({ KAFKA_SSL_CA: file("certificate") })).toEqual({ ca: CERTIFICATE, cert: undefined, key: undefined });
    expect(sslOf({ KAFKA_SSL_CERT: file("certificate"), KAFKA_SSL_KEY: file("key") })).toEqual({ ca: undefined, cert: CERTIFICATE, key: KEY });
  });

  test("refuses a file that is missing, or holds something else", () => {
    expect(faultOf(() => sslOf({ KAFKA_SSL_CA: file("missing") }))).toBe(
      `invalid_options: kafka: KAFKA_SSL_CA must name a readable PEM file, is ${file("missing")}`,
    );
    expect(faultOf(() => sslOf({ KAFKA_SSL_CA: file("text") }))).toBe(
      `invalid_options: kafka: KAFKA_SSL_CA must name a PEM file with a certificate; there is none in ${file("text")}`,
    );
    expect(faultOf(() => sslOf({ KAFKA_SSL_CERT: file("certificate"), KAFKA_SSL_KEY: file("certificate") }))).toBe(
      `invalid_options: kafka: KAFKA_SSL_KEY must name a PEM file with a private key; there is none in ${file("certificate")}`,
    );
  });

  test("refuses a certificate without its key, and the reverse", () => {
    expect(faultOf(() => sslOf({ KAFKA_SSL_CERT: file("certificate") }))).toBe(
      "invalid_options: kafka: KAFKA_SSL_CERT is set without KAFKA_SSL_KEY; set both for mutual TLS, or neither",
    );
    expect(faultOf(() => sslOf({ KAFKA_SSL_KEY: file("key") }))).toBe(
      "invalid_options: kafka: KAFKA_SSL_KEY is set without KAFKA_SSL_CERT; set both for mutual TLS, or neither",
    );
  });
});

describe("saslOf", () => {
  const user = { KAFKA_SASL_USERNAME: "alice", KAFKA_SASL_PASSWORD: "the-secret-x7" };

  test("takes a mechanism and its user", () => {
    expect(saslOf({})).toBeUndefined();
    expect(saslOf({ ...user, KAFKA_SASL_MECHANISM: "SCRAM-SHA-512" })).toEqual({
      mechanism: "scram-sha-512",
      username: "alice",
      password: "the-secret-x7",
    });
    expect(saslOf({ ...user, KAFKA_SASL_MECHANISM: "OAUTHBEARER", KAFKA_SASL_TOKEN_ENDPOINT: "https://a/token" })).toEqual({
      mechanism: "oauthbearer-client-credentials",
      tokenEndpoint: "https://a/token",
      clientId: "alice",
      clientSecret: "the-secret-x7",
      scope: undefined,
    });
  });

  const names = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER";
  test.each([
    [
      user,
      `KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD set without KAFKA_SASL_MECHANISM; set it to ${names}, or unset KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`,
    ],
    [
      { KAFKA_SASL_PASSWORD: "the-secret-x7" },
      `KAFKA_SASL_PASSWORD set without KAFKA_SASL_MECHANISM; set it to ${names}, or unset KAFKA_SASL_PASSWORD`,
    ],
    [
      { KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_SASL_PASSWORD: "the-secret-x7" },
      "KAFKA_SASL_USERNAME is required with KAFKA_SASL_MECHANISM PLAIN; set it, or unset KAFKA_SASL_MECHANISM",
    ],
    [
      { KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_SASL_USERNAME: "alice" },
      "KAFKA_SASL_PASSWORD is required with KAFKA_SASL_MECHANISM PLAIN; set it, or unset KAFKA_SASL_MECHANISM",
    ],
    [
      { ...user, KAFKA_SASL_MECHANISM: "OAUTHBEARER" },
      "KAFKA_SASL_TOKEN_ENDPOINT is required with KAFKA_SASL_MECHANISM OAUTHBEARER; set it, or unset KAFKA_SASL_MECHANISM",
    ],
    [{ ...user, KAFKA_SASL_MECHANISM: "GSSAPI" }, `KAFKA_SASL_MECHANISM must be ${names}, is "GSSAPI"`],
  ])("refuses what is incomplete, without a credential, %#", (environment, fault) => {
    expect(faultOf(() => saslOf(environment))).toBe(`invalid_options: kafka: ${fault}`);
  });
});
