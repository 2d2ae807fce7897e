import {
  BusError,
  type ConsumerListener,
  type IncomingRecord,
  type PartitionEpoch,
  type RecordBatch,
  type Transport,
  type TransportConsumer,
  type TransportConsumerOptions,
} from "@org/bus-core";
import type { Chance } from "../environment/chance.js";

/** A transport that does what transports may and rarely do: it hands records over again, and its consumers end by themselves. */
export interface RoughTransport extends Transport {
  /** Ends the consumers that run, as a client library that gives up. */
  stopConsumers(): void;
}

export function roughTransport(transport: Transport, chance: Chance, repeatedBatches: () => number): RoughTransport {
  const consumers = new Set<RoughConsumer>();
  return {
    name: transport.name,
    features: transport.features,
    admin: transport.admin,
    createProducer: () => transport.createProducer(),
    ...(transport.createTransactionalProducer === undefined
      ? {}
      : { createTransactionalProducer: transport.createTransactionalProducer.bind(transport) }),
    createConsumer(options: TransportConsumerOptions) {
      const consumer = new RoughConsumer(transport.createConsumer(options), chance, repeatedBatches);
      consumers.add(consumer);
      return consumer;
    },
    close: () => transport.close(),
    stopConsumers() {
      for (const consumer of consumers) consumer.stop();
      consumers.clear();
    },
  };
}

class RoughConsumer implements TransportConsumer {
  readonly pause: TransportConsumer["pause"];
  readonly resume: TransportConsumer["resume"];
  readonly commit: TransportConsumer["commit"];
  #listener: ConsumerListener | undefined;
  /** The last records of each partition and epoch. */
  readonly #last = new Map<string, readonly IncomingRecord[]>();

  constructor(
    private readonly consumer: TransportConsumer,
    private readonly chance: Chance,
    private readonly repeatedBatches: () => number,
  ) {
    this.pause = (partitions) => consumer.pause(partitions);
    this.resume = (partitions) => consumer.resume(partitions);
    this.commit = (requests) => consumer.commit(requests);
  }

  position(partition: PartitionEpoch): number | undefined {
    return this.consumer.position?.(partition);
  }

  async start(listener: ConsumerListener): Promise<void> {
    await this.consumer.start({
      assigned: (partitions) => listener.assigned(partitions),
      records: (batch) => {
        if (this.#listener !== undefined || !this.#stopped) listener.records(this.#maybeRepeat(batch));
      },
      revoked: async (partitions) => {
        if (!this.#stopped) await listener.revoked(partitions);
      },
      lost: (partitions) => {
        if (!this.#stopped) listener.lost(partitions);
      },
      stopped: (error) => {
        if (!this.#stopped) listener.stopped(error);
      },
    });
    this.#listener = listener;
  }

  #stopped = false;

  close(): Promise<void> {
    this.#listener = undefined;
    return this.consumer.close();
  }

  stop(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#listener = undefined;
    this.#stopped = true;
    this.consumer.close().catch(() => {});
    listener.stopped(new BusError("transport_failed", "the client has given up", { retryable: true }));
  }

  /** A transport that reads on after a fault may begin a little earlier. */
  #maybeRepeat(batch: RecordBatch): RecordBatch {
    const id = `${batch.topic}[${batch.partition}]#${batch.epoch}`;
    const last = this.#last.get(id) ?? [];
    this.#last.set(id, [...last, ...batch.records].slice(-5));
    if (!this.chance.happens(this.repeatedBatches())) return batch;
    return { ...batch, records: [...last.slice(-this.chance.integer(1, 5)), ...batch.records] };
  }
}
