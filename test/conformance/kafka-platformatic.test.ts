import { kafka } from "@org/bus-kafka-platformatic";
import { describe } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { transportConformance } from "./transport-conformance.js";

const { available, brokers } = await kafkaForTests();

describe.skipIf(!available).each(["classic", "consumer"] as const)("on a real Kafka, group protocol %s", (groupProtocol) => {
  transportConformance("kafka-platformatic", async () => {
    let topics = 0;
    // a Kafka that was running before may hold the topics of earlier runs
    const run = `conformance-${groupProtocol}-${process.pid}-${Date.now().toString(36)}`;
    return {
      // rebalances are noticed by heartbeats, which go by the session timeout
      transport: async () => kafka({ brokers, consumer: { groupProtocol, sessionTimeoutMs: 6_000 } }),
      uniqueTopic: () => `${run}-${++topics}`,
      close: async () => {},
    };
  });
});
