import type { TransportConsumerOptions } from "@org/bus-core";
import type { Cluster, Consumer, PartitionAssigner } from "kafkajs";
import type { Connection } from "../client/connection.js";
import { Coordinator, type CoordinatorBroker } from "../group/coordinator.js";
import type { StandInCoordinator } from "../group/stand-in-coordinator.js";
import { TopicMetadata } from "../group/topic-metadata.js";
import type { ResolvedKafkaOptions } from "../options/options.js";

export interface KafkajsConsumerOptions {
  readonly connection: Connection;
  readonly tuning: ResolvedKafkaOptions["consumer"];
  readonly consumer: TransportConsumerOptions;
  /** What the consumer takes for the coordinator of its group. */
  readonly standIn: StandInCoordinator;
}

/** A consumer of kafkajs that fetches what its stand-in gives it, and what a membership needs of its client. */
export interface KafkajsConsumer {
  readonly consumer: Consumer;
  readonly coordinator: Coordinator;
  readonly metadata: TopicMetadata;
}

/** A quarter of the default for a fetch: with 1 MiB keyed work lost a tenth of its speed to the pauses. */
const MOST_PARTITION_BYTES = 1 << 18;
/** How often kafkajs repeats what may pass, before the whole session is replaced. */
const RETRY = { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 };

/** A client of its own, with the stand-in put between kafkajs and the coordinator. */
export function createKafkajsConsumer({ connection, tuning, consumer: { group }, standIn }: KafkajsConsumerOptions): KafkajsConsumer {
  let client: Cluster | undefined;
  // called once, when the consumer is made: the way in which kafkajs hands out its client
  const partitionAssigner: PartitionAssigner = ({ cluster }) => {
    client = cluster;
    return { name: "", version: 0, protocol: () => ({ name: "", metadata: Buffer.alloc(0) }), assign: async () => [] };
  };
  const consumer = connection.createClient().consumer({
    groupId: group,
    partitionAssigners: [partitionAssigner],
    // the stand-in answers at once
    heartbeatInterval: 0,
    sessionTimeout: tuning.sessionTimeoutMs,
    maxWaitTimeInMs: tuning.maxWaitMs,
    maxBytes: tuning.maxFetchBytes,
    maxBytesPerPartition: Math.min(tuning.maxFetchBytes, MOST_PARTITION_BYTES),
    metadataMaxAge: tuning.metadataMaxAgeMs,
    allowAutoTopicCreation: false,
    // a crash ends the session, and `GroupConsumer` opens the next
    retry: { ...RETRY, restartOnFailure: async () => false },
  });
  if (client === undefined) throw new Error("kafkajs did not make its partition assigner");
  const cluster = client;
  const findCoordinator = cluster.findGroupCoordinator.bind(cluster);
  // the types of kafkajs name neither all that a broker can do nor what of it is asked of a coordinator
  cluster.findGroupCoordinator = async () => standIn as never;
  const coordinator = new Coordinator(async () => {
    try {
      return (await findCoordinator({ groupId: group })) as unknown as CoordinatorBroker;
    } catch (error) {
      await askForCoordinator(cluster, group);
      throw error;
    }
  });
  return { consumer, coordinator, metadata: new TopicMetadata(cluster) };
}

/** kafkajs keeps to itself why no broker told it the coordinator: a missing right to the group, for one. Throws what one says. */
async function askForCoordinator(cluster: Cluster, groupId: string): Promise<void> {
  // a property that the types of kafkajs leave out
  const { brokerPool } = cluster as unknown as {
    brokerPool: { findConnectedBroker(): Promise<{ findGroupCoordinator(request: object): Promise<object> }> };
  };
  const broker = await brokerPool.findConnectedBroker();
  await broker.findGroupCoordinator({ groupId, coordinatorType: 0 });
}
