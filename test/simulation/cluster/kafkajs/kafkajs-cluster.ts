import { createKafkaTransport } from "@org/bus-kafka/internal";
import type { CreateCluster } from "../../run-seed.js";
import { NODES } from "../kafka/kafka.js";
import { createKafkaCluster } from "../kafka/kafka-cluster.js";
import { installSimulatedBrokers, registerClient } from "./simulated-broker.js";

/** packages/kafka and kafkajs as they are; only what talks to a broker is replaced, and the brokers. */
export const createKafkajsCluster: CreateCluster = (scenario, chance, clock, troublemaker) => {
  installSimulatedBrokers();
  return createKafkaCluster(scenario, chance, clock, troublemaker, ({ name, kafka, wire, processClock, tuning, logger, ...process }) => {
    registerClient(name, { kafka, wire, maxFetch: scenario.maxFetch, clock: process.clock });
    return createKafkaTransport(
      { brokers: NODES.map((node) => `node${node}:9092`), clientId: name, logger, consumer: tuning },
      { clock: processClock, random: process.chance.fork("transport").next },
    );
  });
};
