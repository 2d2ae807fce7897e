import type { Transport } from "@org/bus-core";
import { type KafkaOptions, kafka } from "@org/bus-kafka";
import { kafka as platformatic } from "@org/bus-kafka-platformatic";

/** What all Kafka transports take. */
export type ConnectionOptions = Pick<KafkaOptions, "brokers" | "ssl" | "sasl" | "logger" | "connectTimeoutMs" | "requestTimeoutMs">;

/** The Kafka transports, which take the same options to connect: for `describe.each(kafkaClients)`. */
export const kafkaClients: readonly { readonly client: string; readonly open: (options: ConnectionOptions) => Transport }[] = [
  { client: "kafkajs", open: kafka },
  { client: "platformatic", open: platformatic },
];
