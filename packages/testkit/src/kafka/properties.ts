import { type BoundListener, type KafkaUsers, listenerProperties } from "./listener.js";

export interface ServerPropertiesOptions {
  readonly broker: number;
  readonly dataDirectory: string;
  /** One for each broker. */
  readonly controllerPorts: readonly number[];
  /** Of this broker, the one that brokers use among themselves first. */
  readonly listeners: readonly BoundListener[];
  readonly users: KafkaUsers;
  readonly extra: readonly (readonly [name: string, value: string])[];
}

/** The configuration file of a broker that is its own controller. */
export function serverProperties(options: ServerPropertiesOptions): string {
  const { broker, controllerPorts, listeners } = options;
  const replication = String(controllerPorts.length);
  const inSync = String(Math.min(2, controllerPorts.length));
  const bound = listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`);
  const protocols = listeners.map(({ name, protocol = "PLAINTEXT" }) => `${name}:${protocol}`);
  const properties = new Map<string, string>([
    ["process.roles", "broker,controller"],
    ["node.id", String(broker + 1)],
    ["controller.quorum.voters", controllerPorts.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join(",")],
    ["controller.listener.names", "CONTROLLER"],
    ["inter.broker.listener.name", listeners[0]?.name ?? ""],
    ["listeners", [...bound, `CONTROLLER://127.0.0.1:${controllerPorts[broker]}`].join(",")],
    ["advertised.listeners", listeners.map(({ name, advertised }) => `${name}://127.0.0.1:${advertised}`).join(",")],
    ["listener.security.protocol.map", ["CONTROLLER:PLAINTEXT", ...protocols].join(",")],
    ["log.dirs", options.dataDirectory],
    ["auto.create.topics.enable", "false"],
    ["default.replication.factor", replication],
    ["min.insync.replicas", inSync],
    ["offsets.topic.replication.factor", replication],
    ["offsets.topic.num.partitions", "4"],
    ["transaction.state.log.replication.factor", replication],
    ["transaction.state.log.min.isr", inSync],
    ["transaction.state.log.num.partitions", "4"],
    ["share.coordinator.state.topic.replication.factor", replication],
    ["share.coordinator.state.topic.min.isr", inSync],
    ["share.coordinator.state.topic.num.partitions", "4"],
    ["group.initial.rebalance.delay.ms", "0"],
    ["group.min.session.timeout.ms", "1000"],
    ["num.network.threads", "2"],
    ["num.io.threads", "4"],
    // a broker that was killed is replaced as leader soon, so that tests of it are short
    ["broker.session.timeout.ms", "3000"],
    ["broker.heartbeat.interval.ms", "500"],
    ...listeners.flatMap((listener) => listenerProperties(listener, options.users)),
    ...options.extra,
  ]);
  return [...properties].map(([name, value]) => `${name}=${value}\n`).join("");
}
