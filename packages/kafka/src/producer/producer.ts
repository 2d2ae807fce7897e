import { BusError, type Clock, type OutgoingRecord, type SendOutcome, type TransportProducer } from "@org/bus-core";
import { CompressionTypes, type Producer, type RecordMetadata } from "kafkajs";
import type { Backoff } from "../client/backoff.js";
import type { Connection } from "../client/connection.js";
import { toBusError } from "../client/errors.js";
import { PartitionLeaders } from "./partition-leaders.js";
import type { PartitionQueue } from "./partition-queue.js";
import { Send, type Session } from "./send.js";
import { within } from "./within.js";

export interface ProducerOptions {
  readonly compression: "none" | "gzip" | "zstd";
  readonly requestTimeoutMs: number;
}

export const COMPRESSION = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, zstd: CompressionTypes.ZSTD };
export const ALL_IN_SYNC = -1;
/**
 * `Send` repeats, and has to see every failure. kafkajs refuses less than 1 for an idempotent producer; a repetition of its own would hide that the
 * first try was not answered. With this it compares to false both times.
 */
export const NO_RETRIES = Number.NaN;

/** An idempotent producer of kafkajs, replaced when its sequence numbers are in doubt. */
export class KafkaProducer implements TransportProducer, Session {
  readonly #connection: Connection;
  readonly #options: ProducerOptions;
  readonly #leaders = new PartitionLeaders();
  #producer: Promise<Producer> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, options: ProducerOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  get principal(): string {
    return this.#connection.principal;
  }

  get clock(): Clock {
    return this.#connection.clock;
  }

  get backoff(): Backoff {
    return this.#connection.backoff;
  }

  /** Connects, so that a wrong address or password shows at once. */
  async connect(): Promise<void> {
    try {
      await this.#connected();
    } catch (error) {
      throw toBusError(error, { operation: "connect a producer", principal: this.principal });
    }
  }

  async send(records: readonly OutgoingRecord[], options: { readonly timeoutMs: number }): Promise<readonly SendOutcome[]> {
    if (this.#closing !== undefined) throw new BusError("closed", "the producer is closed");
    const sending = this.#last.then(() => new Send(this, records, options.timeoutMs).run());
    this.#last = sending.catch(() => {});
    return sending;
  }

  close(): Promise<void> {
    this.#closing ??= this.#last.then(async () => {
      // a producer that never connected has nothing to close
      await (await this.#producer?.catch(() => undefined))?.disconnect();
    });
    return this.#closing;
  }

  async request(queues: readonly PartitionQueue[], timeoutMs: number): Promise<readonly RecordMetadata[]> {
    const topicMessages = queues.map(({ topic, messages }) => ({ topic, messages }));
    const timeout = Math.ceil(Math.min(timeoutMs, this.#options.requestTimeoutMs));
    const compression = COMPRESSION[this.#options.compression];
    const answered = this.#connected().then((producer) => producer.sendBatch({ acks: ALL_IN_SYNC, timeout, compression, topicMessages }));
    return within(timeoutMs, answered, this.clock);
  }

  leader(topic: string, partition: number): number | undefined {
    return this.#leaders.expect(topic, partition);
  }

  renew(): void {
    const old = this.#producer;
    this.#producer = undefined;
    // it ends on its own; what it still had out has been reported as possibly written
    void old?.then((producer) => producer.disconnect()).catch(() => {});
  }

  #connected(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer;
    const created = this.#create();
    this.#producer = created;
    created.catch(() => {
      // given up while it connected, it has a successor by now
      if (this.#producer === created) this.#producer = undefined;
    });
    return created;
  }

  async #create(): Promise<Producer> {
    const producer = this.#connection.createClient().producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: this.#leaders.createPartitioner,
      retry: { retries: NO_RETRIES },
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => {});
      throw error;
    }
  }
}
