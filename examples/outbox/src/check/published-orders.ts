import { type Consumer, Kafka, logLevel } from "kafkajs";
import { OrderPlaced } from "../gen/orders/v1/orders.js";

/** An event as it stands on the topic. */
export interface PublishedOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly number: number;
}

const topic = OrderPlaced.topic?.name ?? "";
const partitions = OrderPlaced.topic?.partitions ?? 0;
const sentinel = Buffer.from("end of the run");

/** The events on the topic as a client sees them that shares nothing with the bus: kafkajs alone, which reads committed transactions only. */
export class PublishedOrders implements AsyncDisposable {
  /** In the order of each partition. */
  readonly found: PublishedOrder[] = [];
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  readonly #open = new Set(Array.from({ length: partitions }, (_, partition) => partition));
  readonly #ended = Promise.withResolvers<void>();

  constructor(brokers: readonly string[]) {
    this.#kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    this.#consumer = this.#kafka.consumer({ groupId: `outbox-check-${process.pid}-${Date.now()}` });
    // it is awaited in the end
    this.#ended.promise.catch(() => {});
  }

  /** Makes the topic anew, and reads it from its beginning on. */
  async open(): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
      // the name is free a moment after the topic is gone
      while ((await admin.listTopics()).includes(topic));
      await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
    } finally {
      await admin.disconnect();
    }
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic, fromBeginning: true });
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.#ended.reject(payload.error);
    });
    await this.#consumer.run({
      eachMessage: async ({ partition, message: { key, value } }) => {
        if (key?.equals(sentinel)) this.#open.delete(partition);
        else if (value !== null) this.found.push(OrderPlaced.decode(value));
        if (this.#open.size === 0) this.#ended.resolve();
      },
    });
  }

  /** All events, when nobody publishes any more: a marker behind them says where each partition ends. */
  async all(): Promise<readonly PublishedOrder[]> {
    const producer = this.#kafka.producer();
    await producer.connect();
    try {
      await producer.send({ topic, messages: [...this.#open].map((partition) => ({ partition, key: sentinel, value: sentinel })) });
      await this.#ended.promise;
    } finally {
      await producer.disconnect();
    }
    return this.found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.disconnect();
  }
}
