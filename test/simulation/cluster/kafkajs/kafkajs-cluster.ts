import type { Clock, PartitionOffsets } from "@org/bus-core";
import { createKafkaTransport } from "@org/bus-kafka/internal";
import type { Chance } from "../../environment/chance.js";
import type { Troublemaker } from "../../environment/troublemaker.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { SimulatedCluster } from "../cluster.js";
import { Kafka, NODES } from "../kafka/kafka.js";
import { Wire } from "../kafka/wire.js";
import { installSimulatedBrokers, registerClient } from "./simulated-broker.js";

/** packages/kafka and kafkajs as they are; only what talks to a broker is replaced, and the brokers. */
export function createKafkajsCluster(scenario: Scenario, chance: Chance, clock: Clock, troublemaker: Troublemaker): SimulatedCluster {
  installSimulatedBrokers();
  const kafka = new Kafka(clock);
  const { latencyMs, maxFetch } = scenario;
  // the adapter takes no less than a second
  const sessionTimeoutMs = scenario.sessionTimeoutMs + 1_000;
  const offsets = (topic: string): readonly PartitionOffsets[] =>
    kafka.partitions(topic).map(({ partition, logStart, logEnd }) => ({ topic, partition, logStart, logEnd }));

  return {
    connect(name, processClock, logger) {
      const own = chance.fork(name);
      const wire = new Wire(clock, own.fork("wire"), troublemaker, latencyMs);
      registerClient(name, { kafka, wire, maxFetch, clock });
      const transport = createKafkaTransport(
        {
          brokers: NODES.map((node) => `node${node}:9092`),
          clientId: name,
          logger,
          consumer: { sessionTimeoutMs, rebalanceTimeoutMs: 3 * sessionTimeoutMs, maxWaitMs: 50 },
        },
        { clock: processClock, random: own.fork("transport").next },
      );
      return { transport, crash: () => wire.cut() };
    },
    createTopic: (name, partitions) => kafka.createTopic(name, partitions),
    offsets,
    records: (topic) => kafka.records(topic),
    endOfRecords({ topic, partition }) {
      const last = kafka.partition(topic, partition).records.findLast(({ isControl }) => !isControl);
      return last === undefined ? 0 : last.offset + 1;
    },
    committed: (group, at) => kafka.group(group).committed(at),
    members: (group) => kafka.group(group).memberIds,
    expire: (group, memberId) => kafka.group(group).expire(memberId),
    deleteRecords: ({ topic, partition }, offset) => kafka.partition(topic, partition).deleteBefore(offset),
    skipOffsets: ({ topic, partition }, count) => kafka.partition(topic, partition).appendControl(count),
  };
}
