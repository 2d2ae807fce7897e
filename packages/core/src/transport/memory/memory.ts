import { z } from "zod";
import { BusError } from "../../errors.js";
import { resolveOptions } from "../../options.js";
import type {
  Features,
  TransactionalProducer,
  TransactionalProducerOptions,
  Transport,
  TransportConsumer,
  TransportConsumerOptions,
  TransportProducer,
} from "../transport.js";
import { createMemoryAdmin } from "./admin.js";
import { createMemoryBroker, MemoryBroker } from "./broker.js";
import { MemoryConsumer } from "./consumer.js";
import type { MemoryFaults } from "./faults.js";
import { Network } from "./network.js";
import { MemoryProducer } from "./producer.js";
import { createRandom } from "./random.js";
import { MemoryTransactionalProducer } from "./transactional-producer.js";

const isObject = (value: unknown) => typeof value === "object" && value !== null;

const memoryOptions = z.strictObject({
  /** The cluster; give several transports one and they are like processes on it. @default one of its own */
  broker: z.instanceof(MemoryBroker, { error: "must be made by createMemoryBroker" }).optional(),
  /** Time. @default that of `broker` */
  clock: z.custom<MemoryBroker["clock"]>((value) => isObject(value) && "schedule" in (value as object), "must be a Clock").optional(),
  /** Decides the latencies: with the same clock, seed and calls everything comes in the same order. @default 1 */
  seed: z.number().int().default(1),
  /** How long one way to the cluster takes, in ms; absent: one turn of the event loop. */
  latencyMs: z
    .strictObject({ min: z.number().min(0), max: z.number().min(0) })
    .refine(({ min, max }) => min <= max, "must have min <= max")
    .optional(),
  /** Records that one fetch of a partition brings: few enough that a pause takes effect soon. @default 500 */
  maxBatchRecords: z.number().int().min(1).default(500),
  /** What goes wrong, for tests. */
  faults: z.custom<MemoryFaults>(isObject, "must be an object of functions").prefault({}),
});

/** Those of `memory`. */
export type MemoryOptions = z.input<typeof memoryOptions>;

/** A transport in memory, with what tests want beyond a `Transport`. */
export interface MemoryTransport extends Transport {
  readonly broker: MemoryBroker;
  /** Ends it as `kill -9` ends a process: nothing arrives any more in either direction; its groups notice when the sessions expire. */
  crash(): void;
}

const features: Features = { awaitableRevoke: true, transactions: true, staticMembership: false, incrementalRebalance: true };

/**
 * A cluster inside the process: partitioned logs and consumer groups that behave as those of Kafka do. Nothing needs to be installed and
 * nothing is kept after the process ends, so it is for trying out, for tests, and for programs that need order and concurrency but no
 * durability. All records stay in memory until their topic is deleted. A consumer that waits does not keep the process alive.
 *
 * @throws {BusError} `invalid_options`
 */
export function memory(options: MemoryOptions = {}): MemoryTransport {
  const { broker: shared, clock, seed, latencyMs, maxBatchRecords, faults } = resolveOptions("memory", memoryOptions, options);
  if (shared !== undefined && clock !== undefined && clock !== shared.clock) {
    throw new BusError("invalid_options", "memory: clock differs from that of broker: give it to createMemoryBroker only");
  }
  const broker = shared ?? createMemoryBroker(clock === undefined ? {} : { clock });
  const network = new Network(broker.clock, createRandom(seed + broker.nextClient()), latencyMs);
  const connection = { broker, network, maxBatchRecords, faults };
  const producers = new Set<MemoryProducer | MemoryTransactionalProducer>();
  const consumers = new Set<MemoryConsumer>();
  let closed = false;
  const refuseIfClosed = () => {
    if (closed) throw new BusError("closed", "the transport is closed");
  };

  return {
    name: "memory",
    features,
    broker,
    admin: createMemoryAdmin(connection),
    async createProducer(): Promise<TransportProducer> {
      refuseIfClosed();
      const producer: MemoryProducer = new MemoryProducer(connection, () => producers.delete(producer));
      await network.call("connect", "transport_failed", faults.connect?.(), () => {});
      producers.add(producer);
      return producer;
    },
    async createTransactionalProducer(producerOptions: TransactionalProducerOptions): Promise<TransactionalProducer> {
      refuseIfClosed();
      const producer = await MemoryTransactionalProducer.connect(connection, producerOptions, () => producers.delete(producer));
      producers.add(producer);
      return producer;
    },
    createConsumer(consumerOptions: TransportConsumerOptions): TransportConsumer {
      refuseIfClosed();
      const consumer: MemoryConsumer = new MemoryConsumer(consumerOptions, connection, () => consumers.delete(consumer));
      consumers.add(consumer);
      return consumer;
    },
    async close() {
      closed = true;
      if (network.crashed) return;
      await Promise.all([...producers, ...consumers].map((each) => each.close()));
    },
    crash() {
      network.crash();
      for (const consumer of consumers) consumer.crash();
    },
  };
}
