import { dirname } from "node:path";
import { fileDeadLetters, filePositions, type RunOptions } from "@org/bus-connect";
import { type Bus, createBus, memory } from "@org/bus-core";
import { CommandFailure } from "../failure.js";

/** An empty variable is as good as none, as for the transport itself. */
const kafkaIsNamed = () => Boolean(process.env.KAFKA_BROKERS?.trim());

/** The bus that connectors run on: Kafka where `KAFKA_BROKERS` names one, with all that the environment says of it; else one in memory. */
export async function openBus(): Promise<Bus> {
  return createBus({ service: "bus-connect", transport: kafkaIsNamed() ? (await import("@org/bus-kafka")).kafka({}) : memory() });
}

/** Positions in a file, where one is named; else where `runConnector` keeps them. */
export function positionsIn(file: string | undefined): RunOptions {
  return file === undefined ? {} : { positions: filePositions(file) };
}

/**
 * Where positions are kept; and dead letters, beside them where there is no Kafka.
 *
 * @throws {CommandFailure} where they would be lost with the process
 */
export function positionsOf(file: string | undefined): RunOptions {
  if (kafkaIsNamed()) return positionsIn(file);
  if (file !== undefined) return { ...positionsIn(file), deadLetters: fileDeadLetters(dirname(file)) };
  throw new CommandFailure("without Kafka positions would be lost: set KAFKA_BROKERS, or keep them in a file with --positions FILE");
}
