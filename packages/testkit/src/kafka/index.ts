export { type KafkaCluster, type StartKafkaOptions, startKafka } from "./cluster.js";
export { type InstallKafkaOptions, installKafka, KAFKA_VERSION, whyKafkaCannotStart } from "./install.js";
export type { KafkaListener, KafkaUsers, SaslMechanism } from "./listener.js";
