import { type ConnectorContext, type WriteOutcome, written } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { openConnection } from "../connection/open-connection.js";
import type { ConnectionOptions } from "../connection/options.js";
import type { RedisConnection } from "../connection/redis-connection.js";
import type { ReplicationOptions } from "./options.js";

/** The connection of a writer, made again when it was lost. */
export class WriterConnection {
  readonly #options: ConnectionOptions & ReplicationOptions;
  readonly #context: ConnectorContext;
  #current: Promise<RedisConnection> | undefined;

  constructor(options: ConnectionOptions & ReplicationOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
  }

  /** @throws {BusError} when Redis cannot be reached */
  async ready(): Promise<RedisConnection> {
    const last = this.#current;
    const current = await last?.catch(() => undefined);
    if (current?.isOpen === true) return current;
    // of several writes that find it lost the first opens another
    if (this.#current === last) this.#current = openConnection(this.#options, this.#context);
    return this.#current ?? this.ready();
  }

  /** What was written, when as many replicas have it as the options ask for; else what is to be tried again. */
  async replicated(connection: RedisConnection, outcomes: readonly WriteOutcome[]): Promise<readonly WriteOutcome[]> {
    const { minReplicas, replicationTimeoutMs } = this.#options;
    if (minReplicas === 0 || !outcomes.includes(written)) return outcomes;
    const replicas = await connection.command("", ["WAIT", String(minReplicas), String(replicationTimeoutMs)]);
    if (typeof replicas === "number" && replicas >= minReplicas) return outcomes;
    const text = `only ${replicas} replicas have it after ${replicationTimeoutMs} ms, minReplicas is ${minReplicas}`;
    const late: WriteOutcome = { status: "retriable", error: new BusError("transport_failed", text, { retryable: true, mayHaveBeenWritten: true }) };
    return outcomes.map((outcome) => (outcome === written ? late : outcome));
  }

  async close(): Promise<void> {
    const current = await this.#current?.catch(() => undefined);
    await current?.close();
  }
}
