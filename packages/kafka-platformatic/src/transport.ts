import type { Features, Transport, TransportAdmin, TransportConsumer, TransportConsumerOptions, TransportProducer } from "@org/bus-core";
import { principalOf } from "@org/bus-core/internal";
import { KafkaAdmin } from "./admin/admin.js";
import { Cluster } from "./client/cluster.js";
import type { ClientTimeouts, CreateClusterClient } from "./client/cluster-client.js";
import type { Timing } from "./client/timing.js";
import { KafkaConsumer } from "./consumer/consumer.js";
import type { ResolvedKafkaOptions } from "./options/options.js";
import { KafkaProducer } from "./producer/producer.js";

const FEATURES: Features = { awaitableRevoke: true, transactions: false, staticMembership: true, incrementalRebalance: true };

/** What a broker takes beyond the time that it was asked to hold a join for. */
const JOIN_MARGIN_MS = 5_000;

/** Where everything comes from that is not the same twice: the cluster, time and chance. */
export interface TransportDependencies extends Timing {
  readonly createClient: CreateClusterClient;
  /** For names of members. */
  readonly uniqueId: () => string;
}

export class KafkaTransport implements Transport {
  readonly name = "kafka";
  readonly features = FEATURES;
  // private, so that no credential shows when a transport is printed
  readonly #options: ResolvedKafkaOptions;
  readonly #dependencies: TransportDependencies;
  readonly #principal: string;
  readonly #admin: KafkaAdmin;

  constructor(options: ResolvedKafkaOptions, dependencies: TransportDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#principal = principalOf(options.sasl);
    this.#admin = new KafkaAdmin(this.#createCluster(), options.requestTimeoutMs);
  }

  get admin(): TransportAdmin {
    return this.#admin;
  }

  async createProducer(): Promise<TransportProducer> {
    const { compression, requestTimeoutMs } = this.#options;
    const producer = new KafkaProducer({ cluster: this.#createCluster(), compression, requestTimeoutMs });
    await producer.connect();
    return producer;
  }

  createConsumer(options: TransportConsumerOptions): TransportConsumer {
    const { consumer: tuning, logger } = this.#options;
    const dependencies = { ...this.#dependencies, admin: this.#admin, principal: this.#principal, tuning, logger };
    return new KafkaConsumer({ ...dependencies, createCluster: () => this.#createCluster() }, options);
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }

  #createCluster(): Cluster {
    const { clock, random, createClient } = this.#dependencies;
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
