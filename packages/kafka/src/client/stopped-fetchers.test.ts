import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { endFetchersOfStoppedConsumers } from "./stopped-fetchers.js";

const require = createRequire(import.meta.url);
const Runner = require("kafkajs/src/consumer/runner.js") as { readonly prototype: { fetch(this: object, nodeId: string): Promise<unknown[]> } };
const createFetcher = require("kafkajs/src/consumer/fetcher.js") as (options: object) => { start(): Promise<void> };

test("a fetcher that begins when its consumer has been stopped ends, instead of asking for ever", async () => {
  endFetchersOfStoppedConsumers();
  endFetchersOfStoppedConsumers();
  const logger = { namespace: () => logger, debug() {}, info() {} };
  const runner = { running: false, logger, consumerGroup: {} };
  let asked = 0;
  const fetcher = createFetcher({
    nodeId: "1",
    workerQueue: {},
    partitionAssignments: new Map(),
    logger,
    fetch(nodeId: string) {
      asked++;
      if (asked > 1_000) throw new Error("it asks for ever");
      return Runner.prototype.fetch.call(runner, nodeId);
    },
  });
  await expect(fetcher.start()).rejects.toThrow("the consumer was stopped");
  expect(asked).toBe(1);
});
