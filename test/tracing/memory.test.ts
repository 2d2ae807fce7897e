import { createMemoryBroker, memory } from "@org/bus-core";
import { traceSuite } from "./trace-suite.js";

traceSuite("memory", async () => {
  const broker = createMemoryBroker();
  let topics = 0;
  let transports = 0;
  return {
    transport: async () => memory({ broker, seed: ++transports }),
    uniqueTopic: () => `topic-${++topics}`,
    close: async () => {},
  };
});
