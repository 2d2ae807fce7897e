import type { Transport } from "@org/bus-core";
import { type KafkaOptions, kafka } from "@org/bus-kafka";
import { kafka as platformatic } from "@org/bus-kafka-platformatic";

/** A transport to Kafka, made with the options that both have. */
export interface KafkaClient {
  readonly client: "kafkajs" | "platformatic";
  readonly open: (options: KafkaOptions) => Transport;
}

/** For tests that hold on each: `describe.each(kafkaClients)("… on $client", …)`. */
export const kafkaClients: readonly KafkaClient[] = [
  { client: "kafkajs", open: kafka },
  { client: "platformatic", open: platformatic },
];
