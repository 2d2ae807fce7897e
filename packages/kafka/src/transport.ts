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
import { KafkaAdmin } from "./admin/admin.js";
import { keepAbortedRecordsOut } from "./client/aborted-records.js";
import { registerZstd } from "./client/codecs.js";
import { type Connection, connectionOf, type Surroundings } from "./client/connection.js";
import { stopRequestQueueSpinning } from "./client/request-queue.js";
import { endFetchersOfStoppedConsumers } from "./client/stopped-fetchers.js";
import { createConsumer } from "./consumer/consumer.js";
import { type KafkaOptions, type ResolvedKafkaOptions, resolveKafkaOptions } from "./options/options.js";
import { KafkaProducer } from "./producer/producer.js";
import { KafkaTransactionalProducer } from "./producer/transactional-producer.js";
import { installFetchDecoder } from "./wire/fetch-response.js";
import { installRecordMessages } from "./wire/produce-request.js";

const FEATURES: Features = { awaitableRevoke: true, transactions: true, staticMembership: false, incrementalRebalance: true };

class KafkaTransport implements Transport {
  readonly name = "kafka";
  readonly features = FEATURES;
  // private, so that no credential shows when a transport is printed
  readonly #options: ResolvedKafkaOptions;
  readonly #connection: Connection;
  readonly #admin: KafkaAdmin;

  constructor(options: ResolvedKafkaOptions, connection: Connection) {
    this.#options = options;
    this.#connection = connection;
    this.#admin = new KafkaAdmin(connection);
  }

  get admin(): TransportAdmin {
    return this.#admin;
  }

  async createProducer(): Promise<TransportProducer> {
    const { compression, requestTimeoutMs } = this.#options;
    const producer = new KafkaProducer(this.#connection, { compression, requestTimeoutMs });
    await producer.connect();
    return producer;
  }

  createTransactionalProducer(options: TransactionalProducerOptions): Promise<TransactionalProducer> {
    const { compression, requestTimeoutMs } = this.#options;
    return KafkaTransactionalProducer.connect(this.#connection, { compression, requestTimeoutMs }, options);
  }

  createConsumer(options: TransportConsumerOptions): TransportConsumer {
    return createConsumer({ connection: this.#connection, admin: this.#admin, tuning: this.#options.consumer }, options);
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
  return createKafkaTransport(options);
}

/** @param surroundings the defaults are those of the machine, and a client on a network */
export function createKafkaTransport(options: KafkaOptions, surroundings: Partial<Surroundings> = {}): Transport {
  const resolved = resolveKafkaOptions(options);
  registerZstd();
  stopRequestQueueSpinning();
  endFetchersOfStoppedConsumers();
  keepAbortedRecordsOut();
  installRecordMessages();
  installFetchDecoder();
  return new KafkaTransport(resolved, connectionOf(resolved, surroundings));
}
