import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { kafkaForTests } from "../../../test/support/kafka.js";
import { postgresForTests } from "../../../test/support/servers/postgres.js";
import { discrepancies } from "../src/check/compare.js";
import { summary } from "../src/report/summary.js";
import type { Result } from "../src/run.js";

const kafka = await kafkaForTests();
const postgres = await postgresForTests();

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

const outbox = (args: readonly string[]) =>
  promisify(execFile)(process.execPath, ["--disable-warning=TimeoutNegativeWarning", program, ...args], {
    env: { ...process.env, KAFKA_BROKERS: kafka.brokers.join(","), POSTGRES_URL: postgres.url },
  });

describe("outbox", () => {
  test("shows how it is used, and refuses an option that is none", async () => {
    expect((await outbox(["--help"])).stdout).toContain("Usage: npm run example:outbox -- [options]");
    await expect(outbox(["--kills", "0"])).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^--kills 0 must be a number >= 1/) });
  });

  test("notices what was lost, repeated, swapped, or never ordered", () => {
    const order = (orderId: string, number: number) => ({ orderId, customerId: "c", number });
    const orders = new Map([order("a", 1), order("b", 2)].map((each) => [each.orderId, each]));
    expect(discrepancies([order("a", 1), order("b", 2)], orders)).toEqual([]);
    expect(discrepancies([order("a", 1)], orders)).toEqual(["order b was published 0 times"]);
    expect(discrepancies([order("a", 1), order("b", 2), order("b", 2)], orders)).toContain("order b was published 2 times");
    expect(discrepancies([order("b", 2), order("a", 1)], orders)).toContain("order 2 of c was published where 1 was to come");
    expect(discrepancies([order("a", 1), order("b", 2), order("x", 3)], orders)).toContain("order x was published, and is not in the database");
  });
});

describe("summary", () => {
  test("says in how many lives nothing was published", () => {
    const result = { orders: 9, published: 9, kills: 3, publishedByLife: [4, 0, 5], wrong: [] };
    expect(summary(result)).toContain("published between two kills: 4, 0, 5 (nothing in 1 of 3 lives)");
    expect(summary(result).join()).toContain("before it had started");
    expect(summary({ ...result, publishedByLife: [4, 3, 2] }).join()).not.toContain("before it had started");
  });
});

describe.skipIf(!kafka.available || !postgres.available)("outbox on Kafka and PostgreSQL", { timeout: 240_000 }, () => {
  test("publishes each order once, although the relay is killed while it publishes", async () => {
    const { stdout } = await outbox(["--kills", "2", "--json"]);
    const { orders, published, kills, publishedByLife, wrong } = JSON.parse(stdout) as Result;
    expect(wrong).toEqual([]);
    expect(kills).toBe(2);
    expect(publishedByLife.every((events) => events > 0)).toBe(true);
    expect(published).toBe(orders);
  });
});
