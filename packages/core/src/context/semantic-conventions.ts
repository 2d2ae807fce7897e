/**
 * Names of the OpenTelemetry semantic conventions, version 1.45.0. All of `messaging` and `kafka` is in Development there and changes
 * between minor versions, so the names stand here, once, and a test compares them with what the conventions publish.
 */
export const SEMANTIC_CONVENTIONS_VERSION = "1.45.0";

export const MESSAGING_SYSTEM_NAME = "messaging.system.name";
export const MESSAGING_OPERATION_NAME = "messaging.operation.name";
export const MESSAGING_OPERATION_TYPE = "messaging.operation.type";
export const MESSAGING_DESTINATION_NAME = "messaging.destination.name";
export const MESSAGING_DESTINATION_PARTITION_ID = "messaging.destination.partition.id";
export const MESSAGING_CONSUMER_GROUP_NAME = "messaging.consumer.group.name";
export const MESSAGING_BATCH_MESSAGE_COUNT = "messaging.batch.message_count";
export const MESSAGING_MESSAGE_ID = "messaging.message.id";
export const MESSAGING_MESSAGE_BODY_SIZE = "messaging.message.body.size";
export const KAFKA_OFFSET = "kafka.offset";
export const KAFKA_MESSAGE_KEY = "kafka.message.key";
export const KAFKA_MESSAGE_TOMBSTONE = "kafka.message.tombstone";
export const ERROR_TYPE = "error.type";

/** Values of `messaging.operation.type`; they are our operation names too. */
export const OPERATION_CREATE = "create";
export const OPERATION_SEND = "send";
export const OPERATION_PROCESS = "process";

/** The contract of the message; the conventions have no name for it. */
export const BUS_MESSAGE_TYPE = "bus.message.type";
/** Event of a process span: a try failed and another follows. */
export const BUS_RETRY_EVENT = "bus.retry";
/** Which try failed, from 1. */
export const BUS_RETRY_ATTEMPT = "bus.retry.attempt";
