import { join } from "node:path";
import { metricTables } from "@org/bus-cli";
import { expect, it } from "vitest";
import { metricsPage } from "./metrics-page.js";
import { root } from "./root.js";

it("docs/metrics.md is what the tables in the code say (vitest run test/docs/metrics.test.ts -u writes it)", async () => {
  await expect(metricsPage(metricTables)).toMatchFileSnapshot(join(root, "docs/metrics.md"));
});
