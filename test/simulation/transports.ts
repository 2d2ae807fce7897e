import { createMemoryCluster } from "./cluster/memory-cluster.js";
import type { CreateCluster } from "./run-seed.js";

/** What the members of a simulation can run on. */
export const transports = { memory: createMemoryCluster } as const satisfies Readonly<Record<string, CreateCluster>>;

export type TransportName = keyof typeof transports;

export const transportNames = Object.keys(transports) as readonly TransportName[];
