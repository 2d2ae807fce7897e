import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { kafkaForTests } from "../../../test/support/kafka.js";
import { postgresForTests } from "../../../test/support/servers/postgres.js";
import type { Result } from "../src/report/result.js";

const kafka = await kafkaForTests();
const postgres = await postgresForTests();

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
// as `npm run example:flights` has them
const memory = ["--max-old-space-size=192", "--max-semi-space-size=8"];

/** What another reader of Parquet, pyarrow 26, says of the first 100,000 rows of the file: flights, later than 15 minutes, minutes in all, longest. */
const told = {
  airports: 223,
  of: { ATL: [4064, 1313, 58928, 415], ORD: [5456, 1639, 57807, 279], SFO: [2137, 391, 12193, 376], ABE: [95, 22, 448, 91] },
};

const flights = (args: readonly string[]) =>
  promisify(execFile)(process.execPath, [...memory, program, ...args], {
    env: { ...process.env, KAFKA_BROKERS: kafka.brokers.join(","), POSTGRES_URL: postgres.url },
    maxBuffer: 2 ** 24,
  });

describe("flights", () => {
  test("shows how it is used, and refuses an option that there is not", async () => {
    expect((await flights(["--help"])).stdout).toContain("Usage: npm run example:flights -- [options]");
    await expect(flights(["--rows", "none"])).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^--rows none must be a number >= 1/) });
  });
});

describe.skipIf(!kafka.available || !postgres.available)("flights on Kafka and PostgreSQL", { timeout: 240_000 }, () => {
  test("makes a table of 100,000 flights that says what the file says, twice, in little memory", async () => {
    // the first run leaves flights on the topic and rows in the table, which are not the second one's
    await flights(["--rows", "1000", "--json"]);
    const { stdout, stderr } = await flights(["--rows", "100000", "--json"]);
    expect(stderr).toBe("");
    const { flights: count, airports, peakMemoryBytes } = JSON.parse(stdout) as Result;
    expect(count).toBe(100_000);
    expect(airports).toHaveLength(told.airports);
    expect(airports.reduce((sum, airport) => sum + airport.flights, 0)).toBe(100_000);
    const of = (origin: string) => airports.find((airport) => airport.origin === origin);
    for (const [origin, figures] of Object.entries(told.of)) {
      const found = of(origin);
      expect([found?.flights, found?.delayedFlights, found?.totalDelayMinutes, found?.longestDelayMinutes], origin).toEqual(figures);
    }
    expect(peakMemoryBytes).toBeLessThan(400_000_000);
  });
});
