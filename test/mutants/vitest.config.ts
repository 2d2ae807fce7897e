import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = ["@org/source", "node", "import", "module", "default"];

/** Runs unit tests in a copy of the sources: nothing is built there, and no Kafka is needed. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: { include: ["packages/*/src/**/*.test.ts"], testTimeout: 20_000, maxWorkers: 1 },
});
