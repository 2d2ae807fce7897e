import { createKafkajsCluster } from "./cluster/kafkajs/kafkajs-cluster.js";
import { createMemoryCluster } from "./cluster/memory-cluster.js";
import { createPlatformaticCluster } from "./cluster/platformatic/platformatic-cluster.js";
import type { SimulatedTransport } from "./run-seed.js";

/** What the members of a simulation can run on. */
export const transports = {
  memory: { createCluster: createMemoryCluster, transactions: true },
  // the simulated brokers have no transactions
  kafkajs: { createCluster: createKafkajsCluster, transactions: false },
  platformatic: { createCluster: createPlatformaticCluster, transactions: false },
} as const satisfies Readonly<Record<string, SimulatedTransport>>;

export type TransportName = keyof typeof transports;

export const transportNames = Object.keys(transports) as readonly TransportName[];
