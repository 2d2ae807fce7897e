import {
  type AnyContract,
  type Bus,
  BusError,
  createBus,
  type DeliveredOf,
  type MemoryOptions,
  type MemoryTransport,
  memory,
  type TopicDeclaration,
} from "@org/bus-core";

export interface TestBusOptions extends MemoryOptions {
  /** Their topics exist from the beginning. */
  readonly contracts: readonly AnyContract[];
  /** @default "test" */
  readonly service?: string;
}

/** A bus for tests, with a view on what was published. */
export interface TestBus extends Bus {
  /** The cluster in memory, with its broker: `transport.broker.expireSession(...)`, `transport.crash()`. */
  readonly transport: MemoryTransport;
  /** What the topic of a contract holds now, decoded, partition by partition. */
  messages<C extends AnyContract>(contract: C): readonly DeliveredOf<C>[];
}

/**
 * A bus in memory that runs the same code as one on Kafka. Nothing has to be started and nothing is left behind; `await using` closes it.
 *
 * @throws {BusError} `invalid_options`, also for a contract without a topic
 */
export function testBus({ contracts, service = "test", ...options }: TestBusOptions): TestBus {
  const transport = memory(options);
  for (const contract of contracts) transport.broker.createTopic(topicOf(contract));
  const bus = createBus({ service, transport, clock: transport.broker.clock });
  // the bus itself is extended, not copied: what runs streams on it knows it by identity
  return Object.assign(bus, {
    transport,
    messages: <C extends AnyContract>(contract: C): readonly DeliveredOf<C>[] =>
      transport.broker.records(topicOf(contract).name).map(({ value }) => (value === null ? undefined : contract.decode(value))),
  });
}

function topicOf(contract: AnyContract): TopicDeclaration {
  if (contract.topic === undefined)
    throw new BusError("invalid_options", `testBus: ${contract.typeName} has no topic: give its message option (org.bus.v1.topic)`);
  return contract.topic;
}
