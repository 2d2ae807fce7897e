import { BusError, type Logger, type TransportConsumer, type TransportConsumerOptions } from "@org/bus-core";
import { GroupConsumer } from "@org/bus-core/internal";
import type { KafkaAdmin } from "../admin/admin.js";
import type { Cluster } from "../client/cluster.js";
import { faultType, toBusError } from "../client/faults.js";
import { backoffMs, type Timing } from "../client/timing.js";
import type { ConsumerTuning } from "../options/options.js";
import { Session } from "./session.js";

export interface ConsumerDependencies extends Timing {
  /** Of a session. */
  readonly createCluster: () => Cluster;
  readonly admin: KafkaAdmin;
  readonly principal: string;
  readonly tuning: ConsumerTuning;
  readonly logger: Logger;
  readonly uniqueId: () => string;
}

/** Settings that this group or this cluster will not take. */
const FATAL_ERRORS = [
  "INCONSISTENT_GROUP_PROTOCOL",
  "INVALID_SESSION_TIMEOUT",
  "INVALID_GROUP_ID",
  "GROUP_MAX_SIZE_REACHED",
  "GROUP_ID_NOT_FOUND",
  "INVALID_REQUEST",
];

/** A member of a group, over either of the group protocols. */
export function createConsumer(dependencies: ConsumerDependencies, subscription: TransportConsumerOptions): TransportConsumer {
  const { createCluster, admin, principal, tuning, logger, uniqueId, clock, random } = dependencies;
  const { group, topics } = subscription;
  return new GroupConsumer({
    subscription,
    clock,
    logger,
    createSession: (owner) => new Session({ ...owner, cluster: createCluster(), tuning, logger, uniqueId, consumer: subscription }),
    missingTopics: () => admin.missingTopics(topics),
    toBusError: (error) =>
      nameTaken(error, group, tuning.instanceId) ?? toBusError(error, { operation: `read ${topics.join(", ")} in group ${group}`, principal }),
    isFatal: (failure) => failure.code === "fenced" || FATAL_ERRORS.includes(faultType(failure)),
    delayMs: (failures) => backoffMs(failures, random),
  });
}

function nameTaken(error: unknown, group: string, instanceId: string | undefined): BusError | undefined {
  if (faultType(error) !== "FENCED_INSTANCE_ID") return undefined;
  const message = `another member of group ${group} has the consumer.instanceId ${instanceId}: give each process its own`;
  return new BusError("fenced", message, { cause: error, details: { group, instanceId } });
}
