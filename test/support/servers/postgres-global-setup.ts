import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type PostgresServer, startPostgres, whyPostgresCannotStart } from "@org/bus-testkit/postgres";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for the PostgreSQL of the run; it is started for the first that asks. undefined: there is none, and why is in `noPostgres`. */
    postgresUrl: string | undefined;
    noPostgres: string | undefined;
  }
}

/** One PostgreSQL for all test files of a run, started when the first of them asks, and ended with the run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env.POSTGRES_URL;
  const noPostgres = external ? undefined : whyPostgresCannotStart();
  project.provide("noPostgres", noPostgres);
  if (noPostgres !== undefined) {
    const consequence = process.env.CI === "true" ? "FAIL, because CI=true" : "are SKIPPED";
    process.stderr.write(`\n*** no PostgreSQL: ${noPostgres}. The tests that need it ${consequence}. POSTGRES_URL uses one that runs. ***\n\n`);
    project.provide("postgresUrl", undefined);
    return async () => {};
  }

  let running: Promise<PostgresServer> | undefined;
  const url = async (): Promise<string> => {
    if (external) return external;
    running ??= startPostgres();
    return (await running).url;
  };
  const server = createServer((_request, response) => {
    url().then(
      (found) => response.end(found),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  // a server on a TCP port has an AddressInfo
  project.provide("postgresUrl", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  return async () => {
    server.close();
    server.closeAllConnections();
    // one that could not start has already failed the tests that asked for it
    await running?.then(
      (postgres) => postgres.stop(),
      () => {},
    );
  };
}
