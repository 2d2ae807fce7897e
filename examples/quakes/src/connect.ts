import { memory, type Transport } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { startKafka } from "@org/bus-testkit/kafka";

export interface Connection extends AsyncDisposable {
  readonly transport: Transport;
  /** For people: what the transport is connected to. */
  readonly description: string;
}

/** The embedded transport, or a Kafka: the one that `KAFKA_BROKERS` names, else one of our own that ends with this connection. */
export async function connect(useKafka: boolean, signal: AbortSignal): Promise<Connection> {
  if (!useKafka) return { transport: memory(), description: "in memory", [Symbol.asyncDispose]: async () => {} };
  // empty counts as not set, as everywhere in the bus
  const named = process.env.KAFKA_BROKERS?.trim();
  if (named) return { transport: kafka(), description: `on the Kafka at ${named}`, [Symbol.asyncDispose]: async () => {} };
  const cluster = await startKafka({ signal });
  return {
    transport: kafka({ brokers: cluster.brokers }),
    description: `on a Kafka started for this run, at ${cluster.brokers.join(", ")}`,
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
}
