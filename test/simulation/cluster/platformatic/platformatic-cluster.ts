import { createKafkaTransport } from "@org/bus-kafka-platformatic/internal";
import type { CreateCluster } from "../../run-seed.js";
import { createKafkaCluster } from "../kafka/kafka-cluster.js";
import { SimulatedClient } from "./simulated-client.js";

/** packages/kafka-platformatic as it is, down to its requests; who answers them is replaced. */
export const createPlatformaticCluster: CreateCluster = (scenario, chance, clock, troublemaker) =>
  createKafkaCluster(scenario, chance, clock, troublemaker, ({ name, kafka, wire, processClock, tuning, logger, ...process }) => {
    const { clock: brokerClock, chance: own } = process;
    let [ids, clients] = [0, 0];
    return createKafkaTransport(
      { brokers: ["simulated:9092"], clientId: name, logger, consumer: tuning },
      {
        clock: processClock,
        random: own.fork("transport").next,
        uniqueId: () => `${name}-${++ids}`,
        createClient: () => {
          const chanceOfClient = own.fork(`client ${++clients}`);
          return new SimulatedClient({ name, kafka, wire, clock: brokerClock, mostRecords: scenario.maxFetch }, chanceOfClient);
        },
      },
    );
  });
