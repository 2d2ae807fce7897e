/** What sibling packages build on. Not for users: it changes without notice. */
export { atOnce } from "./at-once.js";
export { busInternals } from "./bus-internals.js";
export { sleep } from "./clock.js";
export { decodeRecord } from "./consume/delivery/decode-record.js";
export { derive, engineDelivery, fanOut, join, publishEachFrom, publishFrom, settle } from "./consume/delivery/engine-delivery.js";
export type { ConsumeDependencies } from "./consume/dependencies.js";
export { type ExactlyOnceOptions, exactlyOnceOptions, type ResolvedExactlyOnceOptions } from "./consume/exactly-once/options.js";
export type { ConsumptionFace, DeliverySink, RunControl } from "./consume/face.js";
export { openConsumption } from "./consume/open-consumption.js";
export { OpenConsumptions } from "./consume/open-consumptions.js";
export { type CommitCuts, type ConsumptionOptions, consumeOptions, type ResolvedConsumeOptions } from "./consume/options.js";
export { createBatchStage, createCallStage } from "./consume/stage/create-batch-stage.js";
export { createGatherStage, type GatherStage, type GatherStageOptions } from "./consume/stage/create-gather-stage.js";
export { createStage } from "./consume/stage/create-stage.js";
export { isPromiseLike } from "./consume/stage/promise-like.js";
export type { BatchCall, BatchOutcome, BatchStageOptions, BatchStageWork, Stage, StageEmit, StageOptions, StageWork } from "./consume/stage/stage.js";
export { withoutSensitive } from "./consume/stage/withheld-error.js";
export { type ConsumerTracing, type ProcessSpan, withoutSpan } from "./context/process-span.js";
export { extractContext } from "./context/propagation.js";
export { RecordedSpan } from "./context/recorded-span.js";
export { markFailed } from "./context/span-failure.js";
export { activeTracer } from "./context/tracer.js";
export { formatDuration, formatTimestamp } from "./contract/json/time-text.js";
export { keyIsSensitive } from "./contract/sensitive-key.js";
export { contractViolation } from "./contract/violations/contract-violation.js";
export { messageOf } from "./errors.js";
export { backoffMs } from "./failure/backoff.js";
export { deadLetterTopic } from "./failure/dead-letter-topic.js";
export { leaveCurrentWork, takeCurrentWork } from "./health/current-work.js";
export { ObservedStream } from "./health/observed-stream.js";
export { openStreams } from "./health/open-streams.js";
export { type StuckPartition, StuckProbe, type UnreadablePositions } from "./health/stuck-probe.js";
export { makeFolder } from "./make-folder.js";
export { busMetrics } from "./metrics/bus-metrics.js";
export {
  defineMetrics,
  durationBuckets,
  type MetricDefinition,
  type MetricTable,
  prometheusLabel,
  prometheusName,
  sizeBuckets,
} from "./metrics/definition.js";
export { type Instruments, instrumentsOf } from "./metrics/instruments.js";
export { processMetrics } from "./metrics/process-metrics.js";
export { resolveOptions } from "./options.js";
export { tombstone, validContent } from "./publish/content.js";
export { partitionForKey } from "./publish/partitioner.js";
export type { PublishOutcome } from "./publish/pending-record.js";
export type { Publisher, RawRecord } from "./publish/publisher.js";
export { certificateFault } from "./transport/kafka/certificate-fault.js";
export { optionsOf, shown, wholeNumber } from "./transport/kafka/checks.js";
export { type KafkaSasl, type KafkaSsl, kafkaConnection, loggerOption, withKafkaEnvironment } from "./transport/kafka/connection.js";
export { type ConsumerSession, GroupConsumer, type SessionOwner } from "./transport/kafka/group-consumer.js";
export { saidByClient } from "./transport/kafka/said-by-client.js";
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
