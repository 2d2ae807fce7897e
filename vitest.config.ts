import { defineConfig } from "vitest/config";

const source = ["@org/source", "node", "import", "module", "default"];

export default defineConfig({
  // tests read the packages' sources; what a test starts as a process reads their build
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "examples/*/{src,test}/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    globalSetup: ["test/support/kafka-global-setup.ts"],
  },
});
