import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { metricTables } from "@org/bus-cli";
import { rabbitmqMetrics } from "@org/bus-connect-rabbitmq/metrics";
import { redisMetrics } from "@org/bus-connect-redis/metrics";
import { expect, it } from "vitest";
import { metricsPage } from "./metrics-page.js";
import { root } from "./root.js";

/** Of all packages: those that the command line knows, and those of connectors to one system. */
const tables = { ...metricTables, "@org/bus-connect-rabbitmq": rabbitmqMetrics, "@org/bus-connect-redis": redisMetrics };

it("docs/metrics.md is what the tables in the code say (vitest run test/docs/metrics.test.ts -u writes it)", async () => {
  await expect(metricsPage(tables)).toMatchFileSnapshot(join(root, "docs/metrics.md"));
});

it("no package makes an instrument but from a table", async () => {
  const made: string[] = [];
  for await (const file of glob("packages/*/src/**/*.ts", { cwd: root })) {
    if (/\.create(Observable)?(Counter|UpDownCounter|Gauge|Histogram)\(/.test(await readFile(join(root, file), "utf8"))) made.push(file);
  }
  expect(made).toEqual(["packages/core/src/metrics/instruments.ts"]);
});
