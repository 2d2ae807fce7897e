import type { TransportConsumer, TransportConsumerOptions } from "@org/bus-core";
import { GroupConsumer } from "@org/bus-core/internal";
import type { KafkaAdmin } from "../admin/admin.js";
import type { Connection } from "../client/connection.js";
import { protocolError, toBusError } from "../client/errors.js";
import type { ResolvedKafkaOptions } from "../options/options.js";
import { Session } from "./session.js";

export interface ConsumerDependencies {
  readonly connection: Connection;
  readonly admin: KafkaAdmin;
  readonly tuning: ResolvedKafkaOptions["consumer"];
}

/** Settings that this group or this cluster will not take. */
const FATAL_ERRORS = ["INCONSISTENT_GROUP_PROTOCOL", "INVALID_SESSION_TIMEOUT", "INVALID_GROUP_ID", "GROUP_MAX_SIZE_REACHED"];

/** A member of a group whose sessions are those of kafkajs consumers. */
export function createConsumer(dependencies: ConsumerDependencies, subscription: TransportConsumerOptions): TransportConsumer {
  const { logger, clock, backoff, principal } = dependencies.connection;
  const { group, topics } = subscription;
  return new GroupConsumer({
    subscription,
    clock,
    logger,
    createSession: (owner) => new Session({ ...dependencies, ...owner, consumer: subscription }),
    missingTopics: () => dependencies.admin.missingTopics(topics),
    toBusError: (error) => toBusError(error, { operation: `read ${topics.join(", ")} in group ${group}`, principal }),
    isFatal: ({ cause }) => FATAL_ERRORS.includes(protocolError(cause)),
    delayMs: (failures) => backoff.delayMs(failures),
  });
}
