import type { Clock } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import { type VirtualClock, virtualClock } from "@org/bus-testkit";
import { Cluster } from "../client/cluster.js";
import type { ClusterClient, Destination } from "../client/cluster-client.js";
import type { Answer, Arguments, RequestName } from "../client/requests.js";

type Handler<Name extends RequestName> = (to: Destination, ...args: Arguments<Name>) => Answer<Name> | Promise<Answer<Name>>;
export type Handlers = { [Name in RequestName]?: Handler<Name> };

const LATENCY_MS = 1;

/** Answers requests by the functions that a test gives, after 1 ms. What they throw is what the request fails with. */
export class ScriptedClient implements ClusterClient {
  readonly handlers: Handlers;
  readonly #clock: Clock;
  /** The names of all requests, in order. */
  readonly requested: RequestName[] = [];
  closed = false;

  constructor(handlers: Handlers, clock: Clock) {
    this.handlers = handlers;
    this.#clock = clock;
  }

  async request<Name extends RequestName>(to: Destination, name: Name, ...args: Arguments<Name>): Promise<Answer<Name>> {
    this.requested.push(name);
    await sleep(this.#clock, LATENCY_MS);
    // the handler of `name`, which the compiler cannot tell from those of others
    const handler = this.handlers[name] as Handler<Name> | undefined;
    if (handler === undefined) throw new Error(`the test does not answer ${name}`);
    return handler(to, ...args);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export interface ScriptedCluster {
  readonly client: ScriptedClient;
  readonly cluster: Cluster;
  readonly clock: VirtualClock;
}

export function scriptedCluster(handlers: Handlers): ScriptedCluster {
  const clock = virtualClock();
  const client = new ScriptedClient(handlers, clock);
  return { client, clock, cluster: new Cluster({ client, principal: "user alice", clock, random: () => 0 }) };
}

/** By error name, its code. */
export const CODES = {
  NONE: 0,
  OFFSET_OUT_OF_RANGE: 1,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  NOT_LEADER_OR_FOLLOWER: 6,
  MESSAGE_TOO_LARGE: 10,
  NOT_COORDINATOR: 16,
  NOT_ENOUGH_REPLICAS: 19,
  ILLEGAL_GENERATION: 22,
  UNKNOWN_MEMBER_ID: 25,
  REBALANCE_IN_PROGRESS: 27,
  TOPIC_AUTHORIZATION_FAILED: 29,
  INVALID_TIMESTAMP: 32,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  MEMBER_ID_REQUIRED: 79,
  FENCED_INSTANCE_ID: 82,
  FENCED_MEMBER_EPOCH: 110,
  STALE_MEMBER_EPOCH: 113,
} as const;

export type CodeName = keyof typeof CODES;

/** One broker that leads everything; `partitions` of each topic. */
export function metadataOf(topics: Readonly<Record<string, readonly number[]>>): Handler<"Metadata"> {
  return (_to, asked) => ({
    throttleTimeMs: 0,
    brokers: [1, 2].map((nodeId) => ({ nodeId, host: "broker", port: nodeId, rack: null })),
    clusterId: "c",
    controllerId: 1,
    topics: (asked ?? []).map((topic) => {
      const name = typeof topic === "string" ? topic : (topic.name ?? "");
      const leaders = topics[name];
      return {
        errorCode: leaders === undefined ? CODES.UNKNOWN_TOPIC_OR_PARTITION : CODES.NONE,
        name,
        topicId: `id-of-${name}`,
        isInternal: false,
        topicAuthorizedOperations: 0,
        partitions: (leaders ?? []).map((leaderId, partitionIndex) => ({
          errorCode: 0,
          partitionIndex,
          leaderId,
          leaderEpoch: 0,
          replicaNodes: [],
          isrNodes: [],
          offlineReplicas: [],
        })),
      };
    }),
  });
}
