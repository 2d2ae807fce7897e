import { defineConfig } from "vitest/config";

// Not "import" and "module", which Vite and Node add where they hold: they would hold for `require` of CommonJS dependencies (pg) as well
const source = ["@org/source", "node", "default"];

export default defineConfig({
  // tests read the packages' sources; what a test starts as a process reads their build
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "examples/*/{src,test}/**/*.test.ts"],
    testTimeout: 30_000,
    // on a busy machine a second, the default, is nothing
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    maxWorkers: 2,
    // set by `npm test`, which reads what is printed and passes it on to a terminal
    reporters: [["default", "BUS_TEST_TERMINAL" in process.env ? { isTTY: true } : {}]],
    globalSetup: [
      "test/support/kafka-global-setup.ts",
      "test/support/servers/postgres-global-setup.ts",
      "test/support/servers/rabbitmq-global-setup.ts",
      "test/support/jaeger/global-setup.ts",
    ],
  },
});
