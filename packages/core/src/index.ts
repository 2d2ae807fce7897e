export type { Bus, BusTopics } from "./bus.js";
export { type Clock, systemClock } from "./clock.js";
export { closeOnSignal } from "./close-on-signal.js";
export type { Consumption, ConsumptionState, Explanation, PartitionExplanation, StageExplanation } from "./consume/consumption.js";
export type { Delivery } from "./consume/delivery/delivery.js";
export type { ConsumeOptions, HandlerOptions, Order } from "./consume/options.js";
export type { RuleArgument, RulePlan, ScalarName } from "./contract/compiler/plan.js";
export type { AnyContract, CompactedContract, Contract, DeliveredOf, KeyKind, TopicCleanup, TopicDeclaration } from "./contract/contract.js";
export type {
  FieldDescription,
  MemberDescription,
  MessageDescription,
  OneofDescription,
  RulesDescription,
  ShapeDescription,
  TypeDescription,
  ValueDescription,
} from "./contract/description/description.js";
export { encodeViolations } from "./contract/violations/encode-violations.js";
export type { Any, AnyInit } from "./contract/wire/any.js";
export type { Empty } from "./contract/wire/empty.js";
export type { UnrecognizedEnumValue } from "./contract/wire/enums.js";
export type { FieldMask, FieldMaskInit } from "./contract/wire/field-mask.js";
export type { JsonListInit, JsonObject, JsonObjectInit, JsonValue, JsonValueInit } from "./contract/wire/json.js";
export type { DecodeLimits } from "./contract/wire/limits.js";
export {
  type Duration,
  type DurationInit,
  type Timestamp,
  type TimestampInit,
  timestampFromDate,
  timestampToDate,
} from "./contract/wire/timestamp.js";
export { type BusOptions, createBus } from "./create-bus.js";
export {
  BusError,
  type BusErrorCode,
  type BusErrorOptions,
  type FieldPathElement,
  type FieldPathSubscript,
  type StandardViolation,
  type Violation,
} from "./errors.js";
export type { FailureOptions } from "./failure/options.js";
export { type Logger, stderrLogger } from "./logger.js";
export type { PublisherOptions } from "./publish/options.js";
export type { PublishOptions, PublishReceipt } from "./publish/publish.js";
export {
  createMemoryBroker,
  type MemoryBroker,
  type MemoryBrokerOptions,
} from "./transport/memory/broker.js";
export type { MemoryFault, MemoryFaults } from "./transport/memory/faults.js";
export { type MemoryOptions, type MemoryTransport, memory } from "./transport/memory/memory.js";
export {
  type HeaderValue,
  headerText,
  type IncomingRecord,
  type OutgoingRecord,
  type RecordHeaders,
  type TopicPartition,
} from "./transport/record.js";
export type {
  AssignedPartition,
  CommitRequest,
  CommittedOffset,
  ConsumerListener,
  Features,
  OutOfRangePolicy,
  PartitionEpoch,
  PartitionOffsets,
  RecordBatch,
  SendOutcome,
  StartFrom,
  TopicDescription,
  TopicSpec,
  Transaction,
  TransactionalProducer,
  TransactionalProducerOptions,
  Transport,
  TransportAdmin,
  TransportConsumer,
  TransportConsumerOptions,
  TransportProducer,
} from "./transport/transport.js";
