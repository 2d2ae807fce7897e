import type { TransportConsumerOptions } from "@org/bus-core";
import type { Consumer } from "kafkajs";
import type { CreateClient } from "../client/client.js";
import type { ResolvedKafkaOptions } from "../options/options.js";
import { rangeAssigner } from "./range-assigner.js";

export interface KafkajsConsumerOptions {
  readonly createClient: CreateClient;
  readonly tuning: ResolvedKafkaOptions["consumer"];
  readonly consumer: TransportConsumerOptions;
}

/** A quarter of the default for a fetch: with 1 MiB keyed work lost a tenth of its speed to the pauses. */
const MOST_PARTITION_BYTES = 1 << 18;
/** How often kafkajs repeats what may pass, before the whole session is replaced. */
const RETRY = { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 };

/** How often a member says that it is alive: often enough that a rebalance begins soon. */
export function heartbeatIntervalMs({ sessionTimeoutMs }: ResolvedKafkaOptions["consumer"]): number {
  return Math.min(3_000, sessionTimeoutMs / 10);
}

/** A consumer of a client of its own: those of one client share what they know of the offsets of a group. */
export function createKafkajsConsumer({ createClient, tuning, consumer }: KafkajsConsumerOptions): Consumer {
  return createClient().consumer({
    groupId: consumer.group,
    partitionAssigners: [rangeAssigner],
    sessionTimeout: tuning.sessionTimeoutMs,
    rebalanceTimeout: tuning.rebalanceTimeoutMs,
    heartbeatInterval: heartbeatIntervalMs(tuning),
    maxWaitTimeInMs: tuning.maxWaitMs,
    maxBytes: tuning.maxFetchBytes,
    maxBytesPerPartition: Math.min(tuning.maxFetchBytes, MOST_PARTITION_BYTES),
    allowAutoTopicCreation: false,
    // a crash ends the session, and `KafkaConsumer` opens the next
    retry: { ...RETRY, restartOnFailure: async () => false },
  });
}
