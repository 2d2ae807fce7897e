/** What sibling packages build on. Not for users: it changes without notice. */
export { busInternals } from "./bus-internals.js";
export { sleep } from "./clock.js";
export { createBatchStage } from "./consume/create-batch-stage.js";
export { createGatherStage, type GatherStageOptions } from "./consume/create-gather-stage.js";
export { createStage } from "./consume/create-stage.js";
export { derive, engineDelivery, fanOut, join, publishFrom, settle } from "./consume/engine-delivery.js";
export { type ExactlyOnceOptions, exactlyOnceOptions, type ResolvedExactlyOnceOptions } from "./consume/exactly-once/options.js";
export type { ConsumptionFace, DeliverySink, RunControl } from "./consume/face.js";
export { openConsumption } from "./consume/open-consumption.js";
export { consumeOptions, type ResolvedConsumeOptions } from "./consume/options.js";
export type { BatchOutcome, BatchStageOptions, BatchStageWork, Stage, StageEmit, StageOptions, StageWork } from "./consume/stage.js";
export { messageOf } from "./errors.js";
export { resolveOptions } from "./options.js";
export { partitionForKey } from "./publish/partitioner.js";
export { certificateFault } from "./transport/kafka/certificate-fault.js";
export { optionsOf, shown, wholeNumber } from "./transport/kafka/checks.js";
export { type KafkaSasl, type KafkaSsl, kafkaConnection, loggerOption, withKafkaEnvironment } from "./transport/kafka/connection.js";
export { type ConsumerSession, GroupConsumer, type SessionOwner } from "./transport/kafka/group-consumer.js";
export { principalOf, requestToken } from "./transport/kafka/sasl.js";
export type { OwnedPartition } from "./transport/ownership/owned-partition.js";
export { Ownership, type OwnershipOptions } from "./transport/ownership/ownership.js";
export { partitionName } from "./transport/record.js";
export { type StartPositionInput, startPosition } from "./transport/start-position.js";
export {
  assignSticky,
  believed,
  type Claimant,
  type GroupAssignment,
  partitionsOf,
  type Subscriber,
  withholdOwned,
} from "./transport/sticky-assignment.js";
