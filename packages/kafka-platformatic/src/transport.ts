import type {
  Features,
  TransactionalProducer,
  TransactionalProducerOptions,
  Transport,
  TransportAdmin,
  TransportConsumer,
  TransportConsumerOptions,
  TransportProducer,
} from "@org/bus-core";
import { principalOf } from "@org/bus-core/internal";
import { KafkaAdmin } from "./admin/admin.js";
import { Cluster } from "./client/cluster.js";
import type { ClientTimeouts, CreateClusterClient } from "./client/cluster-client.js";
import type { Timing } from "./client/timing.js";
import { createConsumer } from "./consumer/consumer.js";
import type { ResolvedKafkaOptions } from "./options/options.js";
import { KafkaProducer, type ProducerOptions } from "./producer/producer.js";
import { KafkaTransactionalProducer } from "./producer/transactional-producer.js";

const FEATURES: Features = { awaitableRevoke: true, transactions: true, staticMembership: true, incrementalRebalance: true };

/** What a broker takes beyond the time that it was asked to hold a join for. */
const JOIN_MARGIN_MS = 5_000;

/** What the transport does not take from its options: a simulation gives its own. */
export interface Surroundings extends Timing {
  readonly createClient: CreateClusterClient;
  /** For names of members. */
  readonly uniqueId: () => string;
}

export class KafkaTransport implements Transport {
  readonly name = "kafka";
  readonly features = FEATURES;
  // private, so that no credential shows when a transport is printed
  readonly #options: ResolvedKafkaOptions;
  readonly #surroundings: Surroundings;
  readonly #principal: string;
  readonly #admin: KafkaAdmin;

  constructor(options: ResolvedKafkaOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#principal = principalOf(options.sasl);
    this.#admin = new KafkaAdmin(this.#createCluster(), options.requestTimeoutMs);
  }

  get admin(): TransportAdmin {
    return this.#admin;
  }

  async createProducer(): Promise<TransportProducer> {
    const producer = new KafkaProducer(this.#producerOptions());
    await producer.connect();
    return producer;
  }

  createTransactionalProducer(options: TransactionalProducerOptions): Promise<TransactionalProducer> {
    return KafkaTransactionalProducer.connect(this.#producerOptions(), options);
  }

  createConsumer(options: TransportConsumerOptions): TransportConsumer {
    const { consumer: tuning, logger } = this.#options;
    const cluster = { principal: this.#principal, createCluster: () => this.#createCluster() };
    return createConsumer({ ...this.#surroundings, ...cluster, admin: this.#admin, tuning, logger }, options);
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }

  #producerOptions(): ProducerOptions {
    const { compression, requestTimeoutMs } = this.#options;
    return { cluster: this.#createCluster(), compression, requestTimeoutMs };
  }

  #createCluster(): Cluster {
    const { clock, random, createClient } = this.#surroundings;
    return new Cluster({ client: createClient(this.#timeouts()), principal: this.#principal, clock, random });
  }

  #timeouts(): ClientTimeouts {
    const { requestTimeoutMs, consumer } = this.#options;
    return {
      requestTimeoutMs,
      fetchTimeoutMs: requestTimeoutMs + consumer.maxWaitMs,
      joinTimeoutMs: Math.max(requestTimeoutMs, consumer.rebalanceTimeoutMs + JOIN_MARGIN_MS),
    };
  }
}
