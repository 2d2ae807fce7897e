import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, inject } from "vitest";

/** A database of the PostgreSQL of the test run. */
export interface TestPostgres {
  /** False where there is none: skip what needs it (the run has said so, loudly). */
  readonly available: boolean;
  /** Of an empty database; "" where there is none. */
  readonly url: string;
}

/** Whether tests may call `startPostgres` for a server of their own. Throws instead of returning false when CI=true. */
export function canStartPostgres(): boolean {
  const noPostgres = inject("noPostgres");
  if (noPostgres !== undefined && process.env.CI === "true") throw new Error(`this test file needs PostgreSQL, and CI=true: ${noPostgres}`);
  return noPostgres === undefined;
}

/**
 * A database of this test file in the PostgreSQL that all test files of the run share; dropped at the end. At the top of a file:
 *
 *     const postgres = await postgresForTests();
 *     describe.skipIf(!postgres.available)("…", …)
 */
export async function postgresForTests(): Promise<TestPostgres> {
  const address = inject("postgresUrl");
  if (!canStartPostgres() || address === undefined) return { available: false, url: "" };
  const response = await fetch(address);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const database = `test_${randomBytes(6).toString("hex")}`;
  await inDatabase(text, `create database ${database}`);
  afterAll(async () => {
    // a slot that a test has left behind would keep its database
    await inDatabase(
      text,
      `select pg_terminate_backend(active_pid) from pg_replication_slots where database = '${database}' and active`,
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '${database}' and not active`,
      `drop database if exists ${database} with (force)`,
    ).catch(() => {});
  });
  const url = new URL(text);
  url.pathname = `/${database}`;
  return { available: true, url: url.href };
}

async function inDatabase(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
