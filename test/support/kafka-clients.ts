import type { Transport } from "@org/bus-core";
import { type KafkaOptions, kafka } from "@org/bus-kafka";

/** The Kafka transports, which take the same options to connect: for `describe.each(kafkaClients)`. */
export const kafkaClients: readonly { readonly client: string; readonly open: (options: KafkaOptions) => Transport }[] = [
  { client: "kafkajs", open: kafka },
];
