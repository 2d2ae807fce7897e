import type { Clock } from "@org/bus-core";
import { Kafka, logLevel } from "kafkajs";
import type { ResolvedKafkaOptions } from "../options/options.js";
import { toKafkajsLog } from "./log.js";
import { toKafkajsSasl } from "./sasl.js";

/** Finding a broker to talk to: each of the bootstrap addresses is tried in turn. */
const CLUSTER_RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 };

/** Makes the client of one producer, consumer or admin: kafkajs shares the offsets of a group between all that one client makes. */
export type CreateClient = () => Kafka;

export function clientFactory(options: ResolvedKafkaOptions, clock: Clock): CreateClient {
  const { brokers, clientId, ssl, sasl, connectTimeoutMs, requestTimeoutMs, logger } = options;
  // one for all clients, since they talk to the same brokers
  const log = toKafkajsLog(logger, clock);
  return () =>
    new Kafka({
      brokers,
      clientId,
      ssl,
      ...(sasl === undefined ? {} : { sasl: toKafkajsSasl(sasl) }),
      connectionTimeout: connectTimeoutMs,
      authenticationTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      retry: CLUSTER_RETRY,
      // below warnings it logs every pause and every join
      logLevel: logLevel.WARN,
      logCreator: () => log,
    });
}
