import { BusError, type OutgoingRecord, type SendOutcome, type TransportProducer } from "@org/bus-core";
import type { Cluster } from "../client/cluster.js";
import type { PartitionQueue } from "./partition-queue.js";
import { type BatchAnswer, type Compression, produce } from "./produce.js";
import { newIdentity, type ProducerIdentity } from "./producer-identity.js";
import { Send, type SendContext } from "./send.js";

export interface ProducerOptions {
  readonly cluster: Cluster;
  readonly compression: Compression;
  readonly requestTimeoutMs: number;
}

const TRIES = 5;

/** An idempotent producer; it takes another identity when some of what it has written is in doubt. */
export class KafkaProducer implements TransportProducer, SendContext {
  readonly cluster: Cluster;
  readonly #compression: Compression;
  readonly #requestTimeoutMs: number;
  #identity: ProducerIdentity | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor({ cluster, compression, requestTimeoutMs }: ProducerOptions) {
    this.cluster = cluster;
    this.#compression = compression;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  /** Connects, so that a wrong address or password shows at once. */
  async connect(): Promise<void> {
    try {
      await this.cluster.persist("connect a producer", TRIES, () => this.identity());
    } catch (error) {
      await this.cluster.client.close();
      throw error;
    }
  }

  async send(records: readonly OutgoingRecord[], options: { readonly timeoutMs: number }): Promise<readonly SendOutcome[]> {
    if (this.#closing !== undefined) throw new BusError("closed", "the producer is closed");
    const sending = this.#last.then(() => new Send(this, records, options.timeoutMs).run());
    this.#last = sending.catch(() => {});
    return sending;
  }

  close(): Promise<void> {
    this.#closing ??= this.#last.then(() => this.cluster.client.close());
    return this.#closing;
  }

  /** One send at a time asks for it. */
  async identity(): Promise<ProducerIdentity> {
    this.#identity ??= await newIdentity(this.cluster.client);
    return this.#identity;
  }

  retire(identity: ProducerIdentity): void {
    if (this.#identity === identity) this.#identity = undefined;
  }

  produce(
    broker: number,
    identity: ProducerIdentity,
    queues: readonly PartitionQueue[],
    timeoutMs: number,
  ): Promise<ReadonlyMap<string, BatchAnswer>> {
    const brokerTimeoutMs = Math.ceil(Math.min(timeoutMs, this.#requestTimeoutMs));
    return produce(this.cluster.client, queues, { broker, identity, compression: this.#compression, timeoutMs: brokerTimeoutMs });
  }
}
