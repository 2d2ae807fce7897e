import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BusError } from "@org/bus-core";
import { freePorts } from "../ports.js";
import { Broker } from "./broker.js";
import { createCertificates } from "./certificates.js";
import { type InstallKafkaOptions, installKafka, KAFKA_VERSION, whyKafkaCannotStart } from "./install.js";
import { type BoundListener, type KafkaListener, type KafkaUsers, scramArguments } from "./listener.js";
import { serverProperties } from "./properties.js";

export interface StartKafkaOptions extends InstallKafkaOptions {
  /** @default 1 */
  readonly brokers?: 1 | 3;
  /** Listeners beyond the plain one. @default [] */
  readonly listeners?: readonly KafkaListener[];
  /** Who may log in to listeners with PLAIN and SCRAM. @default {} */
  readonly users?: KafkaUsers;
  /** Broker properties that replace or join those of the launcher. @default {} */
  readonly properties?: Readonly<Record<string, string>>;
  /** Where the logs of the brokers are kept. @default a new folder in the temporary directory */
  readonly logDirectory?: string;
}

/** A Kafka of this process, on 127.0.0.1. It ends with the process at the latest, however that ends. */
export interface KafkaCluster extends AsyncDisposable {
  /** Bootstrap addresses of the plain listener, by broker. */
  readonly brokers: readonly string[];
  /** Bootstrap addresses of each listener that was asked for, by its name. */
  readonly listeners: Readonly<Record<string, readonly string[]>>;
  /** PEM of the authority that signed the brokers' certificates; undefined when no listener uses TLS. */
  readonly certificateAuthority: string | undefined;
  /** Where the brokers' logs are. They stay. */
  readonly logDirectory: string;
  /** Ends one broker as a crash does (SIGKILL); resolves when it is gone. */
  kill(broker: number): Promise<void>;
  /** Starts a broker that was killed, on the same port and data; resolves when it serves requests. */
  restart(broker: number): Promise<void>;
  /** Lets one broker stand still (SIGSTOP): its connections stay open, and nothing answers. */
  freeze(broker: number): void;
  /** Lets a broker that stands still go on. */
  thaw(broker: number): void;
  /** Ends all brokers and removes their data. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a real Apache Kafka (KRaft, no ZooKeeper): free ports, nothing replicated beyond need, no topic created by accident, up in about 3 s.
 * The first call on a machine downloads it with Maven. Needs Java 17 or newer, which is asked for its version first.
 *
 * @throws {BusError} `transport_failed`, naming what the machine lacks (Java, Maven), or the log of the broker that did not come up
 */
export async function startKafka(options: StartKafkaOptions = {}): Promise<KafkaCluster> {
  const { brokers: count = 1, listeners = [], users = {}, signal } = options;
  const lack = whyKafkaCannotStart(options.cacheDirectory);
  if (lack !== undefined) throw new BusError("transport_failed", `cannot start Apache Kafka ${KAFKA_VERSION}: ${lack}`);
  const classPath = await installKafka(options);
  const directory = await mkdtemp(join(tmpdir(), "bus-kafka-"));
  const logDirectory = options.logDirectory ?? join(directory, "logs");
  await mkdir(logDirectory, { recursive: true });

  const secured = listeners.some((listener) => listener.protocol?.endsWith("SSL"));
  const certificates = secured ? await createCertificates(directory) : undefined;
  const controllerPorts = await freePorts(count);
  const bound = await Promise.all(controllerPorts.map((_, broker) => bindListeners(broker, listeners)));
  const clusterId = newClusterId();

  const processes = await Promise.all(
    bound.map(async (ownListeners, broker) => {
      const dataDirectory = join(directory, `data-${broker}`);
      const propertiesFile = join(directory, `broker-${broker}.properties`);
      const text = serverProperties({
        broker,
        dataDirectory,
        controllerPorts,
        listeners: ownListeners,
        users,
        extra: [...(certificates?.properties ?? []), ...Object.entries(options.properties ?? {})],
      });
      await writeFile(propertiesFile, text);
      const logFile = join(logDirectory, `broker-${broker}.log`);
      const heapMegabytes = count === 1 ? 512 : 320;
      const formatArguments = scramArguments(listeners, users);
      return new Broker({ classPath, propertiesFile, dataDirectory, logFile, heapMegabytes, clusterId, formatArguments, signal });
    }),
  );
  const brokerAt = (index: number): Broker => {
    const broker = processes[index];
    if (broker === undefined) throw new BusError("invalid_options", `broker ${index} must be 0 to ${count - 1}`);
    return broker;
  };
  const addresses = (name: string): string[] =>
    bound.flatMap((all) => all.filter((listener) => listener.name === name).map((listener) => `127.0.0.1:${listener.advertised}`));

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      // alone among its voters a controller cannot shut down in an orderly way; the data goes anyhow
      await Promise.all(processes.map((broker) => broker.kill()));
      await Promise.all(processes.map((_, broker) => rm(join(directory, `data-${broker}`), { recursive: true, force: true })));
    })();
    return stopping;
  };
  try {
    await Promise.all(processes.map((broker) => broker.format()));
    await Promise.all(processes.map((broker) => broker.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    brokers: addresses("PLAIN"),
    listeners: Object.fromEntries(listeners.map(({ name }) => [name, addresses(name)])),
    certificateAuthority: certificates?.certificateAuthority,
    logDirectory,
    kill: (index) => brokerAt(index).kill(),
    restart: (index) => brokerAt(index).start(),
    freeze: (index) => brokerAt(index).signal("SIGSTOP"),
    thaw: (index) => brokerAt(index).signal("SIGCONT"),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function bindListeners(broker: number, listeners: readonly KafkaListener[]): Promise<BoundListener[]> {
  const all: KafkaListener[] = [{ name: "PLAIN" }, ...listeners];
  const ports = await freePorts(all.length);
  return Promise.all(
    all.map(async (listener, index) => {
      const port = ports[index] ?? 0;
      return { ...listener, port, advertised: (await listener.advertisedPort?.(broker, port)) ?? port };
    }),
  );
}

/** As Kafka makes them, never with a hyphen in front: its tools would take that for an option. */
function newClusterId(): string {
  const bytes = randomBytes(16);
  // the first character stands for the first six bits; those of 62 and 63 are - and _
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString("base64url");
}
