import { kafka } from "@org/bus-kafka";
import { describe, expect, test } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { rollingRestart } from "../support/rolling-restart.js";

const { available, brokers } = await kafkaForTests();

describe.skipIf(!available)("on Kafka", () => {
  test("a rolling restart of 3 consumers over 12 partitions under load repeats nothing, three times over", { timeout: 180_000 }, async () => {
    const report = await rollingRestart({ transport: () => kafka({ brokers }), topic: `rolling-restart-${crypto.randomUUID()}`, rounds: 3 });
    expect(report).toMatchObject({ lost: [], duplicated: [], outOfOrder: [], overlapping: [], uncommitted: [] });
    expect(report.handled).toBe(report.published);
  });
});
