import { randomUUID } from "node:crypto";
import { systemClock, type Transport } from "@org/bus-core";
import { ConnectedClient } from "./client/connected-client.js";
import { ConnectionLog } from "./client/connection-log.js";
import { connectionOptions } from "./client/connection-options.js";
import { type KafkaOptions, resolveKafkaOptions } from "./options/options.js";
import { KafkaTransport, type Surroundings } from "./transport.js";

/**
 * Apache Kafka through @platformatic/kafka. What is not in `options` comes from the environment (`KAFKA_BROKERS`, `KAFKA_SSL`, `KAFKA_SASL_MECHANISM` …);
 * the README of the package lists it. Nothing is connected before the first call.
 *
 * @throws {BusError} `invalid_options` with all faults at once
 */
export function kafka(options: KafkaOptions = {}): Transport {
  return createKafkaTransport(options);
}

/** @param surroundings the defaults are those of the machine, and a client on a network */
export function createKafkaTransport(options: KafkaOptions, surroundings: Partial<Surroundings> = {}): Transport {
  const resolved = resolveKafkaOptions(options);
  const { clock = systemClock } = surroundings;
  const connection = connectionOptions(resolved);
  // one for all clients, since they talk to the same brokers
  const log = new ConnectionLog(resolved.logger, clock);
  return new KafkaTransport(resolved, {
    clock,
    random: Math.random,
    uniqueId: randomUUID,
    createClient: (timeouts) => new ConnectedClient(connection, timeouts, log),
    ...surroundings,
  });
}
