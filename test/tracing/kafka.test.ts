import { kafka } from "@org/bus-kafka";
import { describe } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { traceSuite } from "./trace-suite.js";

const { available, brokers } = await kafkaForTests();

describe.skipIf(!available)("on a real Kafka", () => {
  traceSuite("kafka", async () => {
    let topics = 0;
    // a Kafka that was running before may hold the topics and groups of earlier runs
    const run = `tracing-${process.pid}-${Date.now().toString(36)}`;
    return {
      transport: async () => kafka({ brokers }),
      uniqueTopic: () => `${run}-${++topics}`,
      close: async () => {},
    };
  });
});
