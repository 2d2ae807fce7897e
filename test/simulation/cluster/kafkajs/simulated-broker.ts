import { createRequire } from "node:module";
import type { OutgoingRecord } from "@org/bus-core";
import type { Trouble } from "../../scenario/weather.js";
import { fetchRecords } from "../kafka/fetch.js";
import { type Kafka, NODES } from "../kafka/kafka.js";
import { ProtocolError } from "../kafka/protocol-error.js";
import { ConnectionLost, type Wire } from "../kafka/wire.js";
import { toMessage } from "./to-message.js";

/** The cluster and the network that a client of kafkajs with some client id talks to. */
export interface ClientContext {
  readonly kafka: Kafka;
  readonly wire: Wire;
  /** Records that a fetch brings of each partition. */
  readonly maxFetch: number;
  readonly clock: { schedule(delayMs: number, callback: () => void): () => void };
}

// The insides of kafkajs that this stands in for, as far as they matter here.
interface Broker {
  readonly connectionPool: { readonly host: string; readonly port: number; readonly clientId: string };
  versions: object | null;
}
interface Connection {
  context: ClientContext;
  /** Grows with every connection that is lost or closed. */
  epoch: number;
  connected: boolean;
}
interface Errors {
  readonly KafkaJSConnectionError: new (message: string, options: { broker: string; code?: string }) => Error;
  readonly KafkaJSConnectionClosedError: new (message: string, options: { host: string; port: number }) => Error;
  readonly KafkaJSMemberIdRequired: new (error: Error, options: { memberId: string }) => Error;
  readonly KafkaJSOffsetOutOfRange: new (error: Error, options: { topic: string; partition: number }) => Error;
  readonly KafkaJSCreateTopicError: new (error: Error, topic: string) => Error;
  readonly KafkaJSAggregateError: new (message: string, errors: readonly Error[]) => Error;
}

const require = createRequire(import.meta.url);
const inside = (path: string): unknown => require(require.resolve("kafkajs").replace(/index\.js$/, path));
const errors = inside("src/errors.js") as Errors;
const { createErrorFromCode } = inside("src/protocol/error.js") as { readonly createErrorFromCode: (code: number) => Error };

/** By client id. */
const contexts = new Map<string, ClientContext>();
const connections = new WeakMap<Broker, Connection>();

/** From now on clients of kafkajs with this id talk to the simulated cluster. */
export function registerClient(clientId: string, context: ClientContext): void {
  contexts.set(clientId, context);
}

function connectionOf(broker: Broker): Connection {
  let connection = connections.get(broker);
  if (connection === undefined) {
    const context = contexts.get(broker.connectionPool.clientId);
    if (context === undefined) throw new Error(`no simulated cluster for client ${broker.connectionPool.clientId}`);
    connection = { context, epoch: 0, connected: false };
    connections.set(broker, connection);
  }
  return connection;
}

const nodeOf = ({ connectionPool: { host } }: Broker): number => Number(host.replace("node", ""));

async function request<T>(broker: Broker, trouble: Trouble, act: (context: ClientContext) => T | Promise<T>): Promise<T> {
  const connection = connectionOf(broker);
  // a connection pool connects again by itself
  if (!connection.connected) await connect(broker);
  const { context, epoch } = connection;
  try {
    return await context.wire.request(
      trouble,
      () => connection.epoch === epoch,
      () => act(context),
    );
  } catch (error) {
    if (error instanceof ConnectionLost) {
      if (connection.epoch === epoch) close(connection);
      const { host, port } = broker.connectionPool;
      throw new errors.KafkaJSConnectionClosedError("Closed connection", { host, port });
    }
    throw toKafkajsError(error);
  }
}

function close(connection: Connection): void {
  connection.connected = false;
  connection.epoch += 1;
}

async function connect(broker: Broker): Promise<void> {
  const connection = connectionOf(broker);
  if (connection.connected) return;
  try {
    await connection.context.wire.request(
      "connect",
      () => true,
      () => {},
    );
  } catch {
    const { host, port } = broker.connectionPool;
    throw new errors.KafkaJSConnectionError("Connection error: connect ECONNREFUSED", { broker: `${host}:${port}`, code: "ECONNREFUSED" });
  }
  connection.connected = true;
  broker.versions ??= {};
}

function toKafkajsError(error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error;
  const plain = createErrorFromCode(error.code);
  return error.errorName === "MEMBER_ID_REQUIRED" ? new errors.KafkaJSMemberIdRequired(plain, { memberId: error.memberId }) : plain;
}

interface TopicRequest<P> {
  readonly topic: string;
  readonly partitions: readonly P[];
}

const atCoordinator = (broker: Broker, { kafka }: ClientContext, group: string) => kafka.coordinatedGroup(nodeOf(broker), group);

/** The methods of kafkajs's Broker, over the simulated cluster instead of a socket. All above it is kafkajs itself. */
const methods = {
  isConnected(this: Broker): boolean {
    return connectionOf(this).connected;
  },
  connect(this: Broker): Promise<void> {
    return connect(this);
  },
  async disconnect(this: Broker): Promise<void> {
    close(connectionOf(this));
  },
  metadata(this: Broker, topics: readonly string[] = []) {
    return request(this, "admin", ({ kafka }) => ({
      brokers: NODES.map((nodeId) => ({ nodeId, host: `node${nodeId}`, port: 9092, rack: undefined })),
      clusterId: "simulated",
      controllerId: NODES[0],
      topicMetadata: topics.map((topic) => ({
        topicErrorCode: 0,
        topic,
        partitionMetadata: kafka.partitions(topic).map(({ partition }) => ({
          partitionErrorCode: 0,
          partitionId: partition,
          leader: kafka.leaderOf(partition),
          replicas: [...NODES],
          isr: [...NODES],
          offlineReplicas: [],
        })),
      })),
    }));
  },
  findGroupCoordinator(this: Broker) {
    return request(this, "connect", ({ kafka }) => {
      const nodeId = kafka.coordinatorNode;
      return { errorCode: 0, errorMessage: "", coordinator: { nodeId, host: `node${nodeId}`, port: 9092 } };
    });
  },
  async joinGroup(
    this: Broker,
    join: {
      groupId: string;
      memberId?: string;
      sessionTimeout: number;
      rebalanceTimeout: number;
      groupProtocols: readonly { name: string; metadata: Buffer }[];
    },
  ) {
    const { clientId } = this.connectionPool;
    const ask = (memberId: string) =>
      request(this, "connect", async (context) => {
        const { groupId, sessionTimeout, rebalanceTimeout, groupProtocols } = join;
        const joined = await atCoordinator(this, context, groupId).join({
          memberId,
          clientId,
          sessionTimeoutMs: sessionTimeout,
          rebalanceTimeoutMs: rebalanceTimeout,
          protocols: groupProtocols,
        });
        const members = joined.members.map(({ memberId: id, metadata }) => ({ memberId: id, memberMetadata: metadata }));
        return {
          errorCode: 0,
          generationId: joined.generation,
          groupProtocol: joined.protocol,
          leaderId: joined.leaderId,
          memberId: joined.memberId,
          members,
        };
      });
    try {
      return await ask(join.memberId ?? "");
    } catch (error) {
      if (error instanceof errors.KafkaJSMemberIdRequired) return ask((error as Error & { readonly memberId: string }).memberId);
      throw error;
    }
  },
  syncGroup(
    this: Broker,
    sync: { groupId: string; generationId: number; memberId: string; groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[] },
  ) {
    return request(this, "connect", async (context) => {
      const assignments = new Map(sync.groupAssignment.map(({ memberId, memberAssignment }) => [memberId, memberAssignment]));
      const memberAssignment = await atCoordinator(this, context, sync.groupId).sync(sync.memberId, sync.generationId, assignments);
      return { errorCode: 0, memberAssignment };
    });
  },
  heartbeat(this: Broker, { groupId, groupGenerationId, memberId }: { groupId: string; groupGenerationId: number; memberId: string }) {
    return request(this, "connect", (context) => atCoordinator(this, context, groupId).heartbeat(memberId, groupGenerationId));
  },
  leaveGroup(this: Broker, { groupId, memberId }: { groupId: string; memberId: string }) {
    return request(this, "connect", (context) => atCoordinator(this, context, groupId).leave(memberId));
  },
  offsetCommit(
    this: Broker,
    commit: {
      groupId: string;
      groupGenerationId: number;
      memberId: string;
      topics: readonly TopicRequest<{ partition: number; offset: string; metadata?: string }>[];
    },
  ) {
    return request(this, "commit", (context) => {
      const offsets = commit.topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset, metadata = "" }) => ({ topic, partition, offset: Number(offset), metadata })),
      );
      atCoordinator(this, context, commit.groupId).commit(commit.memberId, commit.groupGenerationId, offsets);
    });
  },
  offsetFetch(this: Broker, { groupId, topics }: { groupId: string; topics: readonly TopicRequest<{ partition: number }>[] }) {
    return request(this, "admin", (context) => {
      const group = atCoordinator(this, context, groupId);
      return {
        responses: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition }) => {
            const committed = group.committed({ topic, partition });
            return { partition, offset: String(committed?.offset ?? -1), metadata: committed?.metadata ?? "", errorCode: 0 };
          }),
        })),
      };
    });
  },
  listOffsets(this: Broker, { topics }: { topics: readonly TopicRequest<{ partition: number; timestamp: number | string }>[] }) {
    return request(this, "admin", (context) => ({
      responses: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, timestamp }) => {
          const log = context.kafka.ledPartition(nodeOf(this), { topic, partition });
          return { partition, errorCode: 0, timestamp: "-1", offset: String(log.offsetAt(Number(timestamp))) };
        }),
      })),
    }));
  },
  initProducerId(this: Broker) {
    return request(this, "connect", ({ kafka }) => ({ errorCode: 0, producerId: kafka.nextProducerId(), producerEpoch: 0 }));
  },
  produce(
    this: Broker,
    produce: {
      producerId?: string | number;
      producerEpoch?: number;
      topicData: readonly TopicRequest<{ partition: number; firstSequence: number; messages: readonly { readonly record: OutgoingRecord }[] }>[];
    },
  ) {
    const trouble = produce.topicData.some(({ topic }) => topic.endsWith(".dlq")) ? "deadLetter" : "send";
    return request(this, trouble, (context) => ({
      topics: produce.topicData.map(({ topic, partitions }) => ({
        topicName: topic,
        partitions: partitions.map(({ partition, firstSequence, messages }) => {
          const { producerId = -1, producerEpoch = 0 } = produce;
          const numbering = String(producerId) === "-1" ? undefined : { producerId: String(producerId), producerEpoch, firstSequence };
          const records = messages.map(({ record }) => record);
          const baseOffset = context.kafka.ledPartition(nodeOf(this), { topic, partition }).append(records, numbering);
          return { partition, errorCode: 0, baseOffset: String(baseOffset), logAppendTime: "-1", logStartOffset: "0" };
        }),
      })),
    }));
  },
  fetch(
    this: Broker,
    { topics, maxWaitTime }: { topics: readonly TopicRequest<{ partition: number; fetchOffset: string | number }>[]; maxWaitTime: number },
  ) {
    return request(this, "fetch", async (context) => {
      const wanted = topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, fetchOffset }) => ({ topic, partition, offset: Number(fetchOffset) })),
      );
      const { kafka, maxFetch, clock } = context;
      const answered = await fetchRecords(kafka, nodeOf(this), wanted, { mostRecords: maxFetch, maxWaitMs: maxWaitTime, clock });
      const found = answered.map((each) => {
        if ("log" in each) return each;
        const { topic, partition, error } = each;
        // what kafkajs makes of the first error that it reads
        if (error.errorName !== "OFFSET_OUT_OF_RANGE") throw error;
        throw new errors.KafkaJSOffsetOutOfRange(createErrorFromCode(error.code), { topic, partition });
      });
      const byTopic = Map.groupBy(found, ({ topic }) => topic);
      return {
        throttleTime: 0,
        clientSideThrottleTime: 0,
        errorCode: 0,
        sessionId: 0,
        responses: [...byTopic].map(([topicName, partitions]) => ({
          topicName,
          partitions: partitions.map(({ partition, log, records }) => ({
            partition,
            errorCode: 0,
            highWatermark: String(log.logEnd),
            lastStableOffset: String(log.logEnd),
            lastStartOffset: String(log.logStart),
            abortedTransactions: [],
            preferredReadReplica: -1,
            messages: records.map(toMessage),
          })),
        })),
      };
    });
  },
  createTopics(this: Broker, { topics }: { topics: readonly { topic: string; numPartitions: number }[] }) {
    return request(this, "admin", ({ kafka }) => {
      const failures: Error[] = [];
      for (const { topic, numPartitions } of topics) {
        try {
          kafka.createTopic(topic, numPartitions);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          failures.push(new errors.KafkaJSCreateTopicError(createErrorFromCode(error.code), topic));
        }
      }
      if (failures.length > 0) throw new errors.KafkaJSAggregateError("Topic creation errors", failures);
    });
  },
  describeConfigs(this: Broker, { resources }: { resources: readonly { name: string }[] }) {
    return request(this, "admin", () => ({
      resources: resources.map(({ name }) => ({
        errorCode: 0,
        resourceName: name,
        configEntries: [
          { configName: "cleanup.policy", configValue: "delete" },
          { configName: "retention.ms", configValue: "604800000" },
        ],
      })),
    }));
  },
};

/** Puts the simulated brokers in the place of those of kafkajs, in this process and for good. */
export function installSimulatedBrokers(): void {
  const Broker = inside("src/broker/index.js") as { readonly prototype: object };
  Object.assign(Broker.prototype, methods);
}
