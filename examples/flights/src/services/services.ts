import type { Transport } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { startKafka } from "@org/bus-testkit/kafka";
import { startPostgres } from "@org/bus-testkit/postgres";

export interface Services extends AsyncDisposable {
  readonly transport: Transport;
  readonly postgresUrl: string;
  /** For people: where they are. */
  readonly description: string;
}

/** The Kafka and the PostgreSQL that the environment names, or those of our own, which end with this process. */
export async function connectServices(signal: AbortSignal): Promise<Services> {
  await using own = new AsyncDisposableStack();
  const brokers = process.env.KAFKA_BROKERS?.split(",") ?? own.adopt(await startKafka({ signal }), (cluster) => cluster.stop()).brokers;
  const postgresUrl = process.env.POSTGRES_URL ?? own.use(await startPostgres()).url;
  const stack = own.move();
  return {
    transport: kafka({ brokers }),
    postgresUrl,
    description: `Kafka at ${brokers.join(", ")}, PostgreSQL at ${new URL(postgresUrl).host}`,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
