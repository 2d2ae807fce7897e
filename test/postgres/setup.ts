import { metrics, ROOT_CONTEXT } from "@opentelemetry/api";
import { type ConnectorContext, type ConnectRecord, Secret } from "@org/bus-connect";
import { type Logger, systemClock } from "@org/bus-core";
import pg from "pg";
import { onTestFinished } from "vitest";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** As the framework gives it. */
export function connectorContext(signal: AbortSignal = new AbortController().signal, logger: Logger = silent): ConnectorContext {
  return { connector: "test", signal, logger, meter: metrics.getMeter("test"), clock: systemClock };
}

/** A record that came from nowhere. */
export function recordOf<T>(value: T, more: Partial<ConnectRecord<T>> = {}): ConnectRecord<T> {
  return { value, id: "test:1", key: null, timestamp: undefined, headers: {}, context: ROOT_CONTEXT, ...more };
}

/** An address as the options of connectors take it. */
export const secretUrl = (url: string): Secret => new Secret("test", () => url);

/** A connection of the test, beside those of what it tests. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}
