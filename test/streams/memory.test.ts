import { createBus, memory } from "@org/bus-core";
import { afterAll, beforeAll, describe } from "vitest";
import { keyedPipelineTests } from "./keyed-pipeline.js";
import { publishSteps } from "./steps.js";

describe("a keyed pipeline on the memory transport", () => {
  const transport = memory();
  const bus = createBus({ service: "keyed-pipeline-test", transport });
  let since: Date;
  beforeAll(async () => {
    since = await publishSteps(bus);
  }, 120_000);
  afterAll(() => bus.close());

  keyedPipelineTests(() => ({ bus, transport, since }));
});
