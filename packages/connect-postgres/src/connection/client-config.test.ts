import { Secret } from "@org/bus-connect";
import { describe, expect, it } from "vitest";
import { clientConfig } from "./client-config.js";
import { connectionOptions } from "./options.js";

const configOf = (text: string) => clientConfig(connectionOptions.parse({ url: new Secret("environment PG_URL", () => text) }), "test");

describe("clientConfig", () => {
  it.each([
    "postgres://user:password@host:5432/database",
    "postgresql://localhost/database?sslmode=disable",
    "postgres://user:pass word@host/database",
    "postgres:///database?host=/var/run/postgresql",
    "postgres://user@/database?host=/var/run/postgresql",
    "/var/run/postgresql database",
    "socket:/var/run/postgresql?db=database",
  ])("takes %s", (text) => {
    expect(configOf(text).connectionString).toBe(text);
  });

  it.each(["hunter2", "host=hunter2 dbname=x", "user:hunter2@host/database", "postgres://user:hunter2@host:port/database", "http://hunter2"])(
    "names the secret that is no address, and not its value: %s",
    (text) => {
      expect(() => configOf(text)).toThrow("environment PG_URL holds no address of PostgreSQL: must be postgres://user:password@host:5432/database");
      try {
        configOf(text);
      } catch (error) {
        expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("hunter2");
      }
    },
  );
});
