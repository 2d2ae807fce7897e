import { type Connector, defineConnector, type RunningConnector, runConnector, Secret, type ToTopicOptions, toTopic } from "@org/bus-connect";
import { postgresOutbox, postgresOutboxPolling } from "@org/bus-connect-postgres";
import { type Bus, createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import type { RunContext } from "../benchmark.js";
import { contractFor } from "../cluster.js";
import { postgresUrl } from "./database.js";

export type Way = "replication" | "polling";

export interface Relay extends AsyncDisposable {
  readonly running: RunningConnector;
}

/** Our relay of an outbox, on kafkajs, as the one by hand is. */
export function startRelay(context: RunContext, table: string, way: Way, options: ToTopicOptions): Relay {
  const bus: Bus = createBus({ service: "bench", transport: kafka({ brokers: [...context.brokers] }) });
  const connection = { url: new Secret("bench", postgresUrl) };
  const contract = contractFor(context.topic);
  const source =
    way === "replication"
      ? postgresOutbox({ connection, table, slot: table, contracts: [contract] })
      : postgresOutboxPolling({ connection, table, contracts: [contract], splits: 1 });
  const connector: Connector = defineConnector({ name: table, source, sink: toTopic(contract, options) });
  return { running: runConnector(bus, connector), [Symbol.asyncDispose]: () => bus.close() };
}

/** How many records it has written; told often enough for a rate, and not so often that the asking counts. */
export function watchWritten(running: RunningConnector, onWritten: (count: number) => void): () => void {
  const timer = setInterval(() => onWritten(running.status().tasks.reduce((sum, { written }) => sum + written, 0)), 10);
  return () => clearInterval(timer);
}
