import { createMemoryBroker, memory } from "@org/bus-core";
import { transportConformance } from "./transport-conformance.js";

const latencies = [undefined, { min: 0, max: 3 }] as const;

for (const latencyMs of latencies) {
  transportConformance(latencyMs === undefined ? "memory" : "memory with latency", async () => {
    const broker = createMemoryBroker();
    let topics = 0;
    let transports = 0;
    return {
      transport: async () => memory({ broker, seed: ++transports, ...(latencyMs === undefined ? {} : { latencyMs }) }),
      uniqueTopic: () => `topic-${++topics}`,
      close: async () => {},
    };
  });
}
