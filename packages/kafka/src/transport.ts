import type { Features, Transport, TransportAdmin, TransportConsumer, TransportConsumerOptions, TransportProducer } from "@org/bus-core";
import { principalOf } from "@org/bus-core/internal";
import { KafkaAdmin } from "./admin/admin.js";
import { type CreateClient, clientFactory } from "./client/client.js";
import { registerZstd } from "./client/codecs.js";
import { stopRequestQueueSpinning } from "./client/request-queue.js";
import { KafkaConsumer } from "./consumer/consumer.js";
import { type KafkaOptions, type ResolvedKafkaOptions, resolveKafkaOptions } from "./options/options.js";
import { KafkaProducer } from "./producer/producer.js";
import { installRecordMessages } from "./wire/produce-request.js";

const FEATURES: Features = { awaitableRevoke: false, transactions: false, staticMembership: false, incrementalRebalance: false };

class KafkaTransport implements Transport {
  readonly name = "kafka";
  readonly features = FEATURES;
  // private, so that no credential shows when a transport is printed
  readonly #options: ResolvedKafkaOptions;
  readonly #createClient: CreateClient;
  readonly #principal: string;
  readonly #admin: KafkaAdmin;

  constructor(options: ResolvedKafkaOptions) {
    this.#options = options;
    this.#createClient = clientFactory(options);
    this.#principal = principalOf(options.sasl);
    this.#admin = new KafkaAdmin(this.#createClient, this.#principal);
  }

  get admin(): TransportAdmin {
    return this.#admin;
  }

  async createProducer(): Promise<TransportProducer> {
    const { compression, requestTimeoutMs } = this.#options;
    const producer = new KafkaProducer({ createClient: this.#createClient, principal: this.#principal, compression, requestTimeoutMs });
    await producer.connect();
    return producer;
  }

  createConsumer(options: TransportConsumerOptions): TransportConsumer {
    const { consumer: tuning, logger } = this.#options;
    return new KafkaConsumer({ createClient: this.#createClient, admin: this.#admin, tuning, principal: this.#principal, logger }, options);
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }
}

/**
 * Apache Kafka through kafkajs. What is not in `options` comes from the environment (`KAFKA_BROKERS`, `KAFKA_SSL`, `KAFKA_SASL_MECHANISM` …); the
 * README of the package lists it. Nothing is connected before the first call.
 *
 * @throws {BusError} `invalid_options` with all faults at once
 */
export function kafka(options: KafkaOptions = {}): Transport {
  const resolved = resolveKafkaOptions(options);
  registerZstd();
  stopRequestQueueSpinning();
  installRecordMessages();
  return new KafkaTransport(resolved);
}
