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
export const KAFKA_OFFSET = "kafka.offset";
export const KAFKA_MESSAGE_KEY = "kafka.message.key";
export const KAFKA_MESSAGE_TOMBSTONE = "kafka.message.tombstone";
export const ERROR_TYPE = "error.type";

/** Values of `messaging.operation.type`; they are our operation names too. */
export const OPERATION_CREATE = "create";
export const OPERATION_SEND = "send";
export const OPERATION_PROCESS = "process";
/** Name, not type (that is `settle`): what is settled is committed. */
export const OPERATION_COMMIT = "commit";
export const OPERATION_SETTLE = "settle";
/** Name, not type (that is `process`): one call of user code for several messages. */
export const OPERATION_PROCESS_BATCH = "process batch";

/** The contract of the message; the conventions have no name for it. */
export const BUS_MESSAGE_TYPE = "bus.message.type";

// Where the time of a message went, in whole ms. Absent where it is 0, and where it is not known.
/** Of a `create` and a dead letter's `send` span: until the send that wrote it began. Of a `process` span: gathered by `batchMessages`. */
export const BUS_WAIT_BATCH = "bus.wait.batch_ms";
/** From the timestamp of the record until the stream got it. A publisher may set the timestamp. */
export const BUS_WAIT_TOPIC = "bus.wait.topic_ms";
/** Behind others of its key. */
export const BUS_WAIT_KEY = "bus.wait.key_ms";
/** With nothing of its key before it: for a free slot of `concurrency`. */
export const BUS_WAIT_SLOT = "bus.wait.slot_ms";
/** Between a try that failed and the next. */
export const BUS_WAIT_RETRY = "bus.wait.retry_ms";
/** Until its dead letter was written. */
export const BUS_WAIT_DEAD_LETTER = "bus.wait.dead_letter_ms";
/** From the settlement (the end of the span) until the commit that covers it was acknowledged. */
export const BUS_WAIT_COMMIT = "bus.wait.commit_ms";
/** In user code and in the operators' own work (`publishTo`), all tries together. */
export const BUS_HANDLER = "bus.handler_ms";

/** Event of a process span: it has left one place of the pipe, with the times from above that it spent there. Absent below 1 ms. */
export const BUS_STAGE_EVENT = "bus.stage";
/** The operator and, where it has a name, its function: `mapKeyed(assess)`. */
export const BUS_STAGE_NAME = "bus.stage.name";

/** Event of a process span: a try failed and another follows. */
export const BUS_RETRY_EVENT = "bus.retry";
/** Which try failed, from 1. */
export const BUS_RETRY_ATTEMPT = "bus.retry.attempt";
