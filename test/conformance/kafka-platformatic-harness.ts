import { type KafkaOptions, kafka } from "@org/bus-kafka-platformatic";
import type { ConformanceHarness } from "./harness.js";

type GroupProtocol = NonNullable<NonNullable<KafkaOptions["consumer"]>["groupProtocol"]>;

export function platformaticHarness(brokers: readonly string[], groupProtocol: GroupProtocol): () => Promise<ConformanceHarness> {
  return async () => {
    let topics = 0;
    // a Kafka that was running before may hold the topics of earlier runs
    const run = `conformance-${groupProtocol}-${process.pid}-${Date.now().toString(36)}`;
    return {
      // rebalances are noticed by heartbeats, which go by the session timeout
      transport: async () => kafka({ brokers, consumer: { groupProtocol, sessionTimeoutMs: 6_000 } }),
      uniqueTopic: () => `${run}-${++topics}`,
      close: async () => {},
    };
  };
}
