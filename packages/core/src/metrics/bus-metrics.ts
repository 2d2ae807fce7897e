import * as semantic from "../context/semantic-conventions.js";
import { defineMetrics, durationBuckets, sizeBuckets } from "./definition.js";

/** The operator or handler of a stream: `handler`, `mapKeyed`. */
export const BUS_STAGE = "bus.stage";
/** Which limit of the credit, as `explain()` names it. */
export const BUS_CREDIT_LIMIT = "bus.credit.limit";
export const BUS_REBALANCE_EVENT = "bus.rebalance.event";
export const BUS_STREAM_STATE = "bus.stream.state";
export const BUS_CONTRACT_RULE = "bus.contract.rule";
export const BUS_CONTRACT_FIELD = "bus.contract.field";

const { MESSAGING_SYSTEM_NAME, MESSAGING_OPERATION_NAME, MESSAGING_OPERATION_TYPE, ERROR_TYPE, BUS_MESSAGE_TYPE } = semantic;
const { MESSAGING_DESTINATION_NAME: TOPIC, MESSAGING_DESTINATION_PARTITION_ID: PARTITION, MESSAGING_CONSUMER_GROUP_NAME: GROUP } = semantic;

const OPERATION = [MESSAGING_SYSTEM_NAME, MESSAGING_OPERATION_NAME, MESSAGING_OPERATION_TYPE];
const OF_PARTITION = [GROUP, TOPIC, PARTITION];
const OF_STAGE = [GROUP, BUS_STAGE];

/** Every metric of this package. `docs/metrics.md`, the alerts and the dashboards are made of it too. */
export const busMetrics = defineMetrics({
  sentMessages: {
    name: "messaging.client.sent.messages",
    kind: "counter",
    unit: "{message}",
    description: "Records handed to the cluster, dead letters included; those that it did not take have an error.type.",
    attributes: [...OPERATION, TOPIC, ERROR_TYPE],
  },
  consumedMessages: {
    name: "messaging.client.consumed.messages",
    kind: "counter",
    unit: "{message}",
    description: "Records received from the cluster.",
    attributes: [...OPERATION, GROUP, TOPIC],
  },
  operationDuration: {
    name: "messaging.client.operation.duration",
    kind: "histogram",
    unit: "s",
    description: "How long a send of a batch or a commit of offsets took.",
    attributes: [...OPERATION, TOPIC, GROUP, ERROR_TYPE],
    buckets: durationBuckets,
  },
  processDuration: {
    name: "messaging.process.duration",
    kind: "histogram",
    unit: "s",
    description: "From the start of the first handler of a record to its settlement: retries, waits between operators and its dead letter included.",
    attributes: [...OPERATION, GROUP, TOPIC, ERROR_TYPE],
    buckets: durationBuckets,
  },
  lagRecords: {
    name: "bus.consumer.lag.records",
    kind: "gauge",
    unit: "{record}",
    description: "From the committed offset to the end of the log, of a partition that this member has.",
    attributes: OF_PARTITION,
  },
  lagTime: {
    name: "bus.consumer.lag.time",
    kind: "gauge",
    unit: "s",
    description:
      "Age of the oldest record that is not committed, 0 when there is none. Of records that have not been fetched it is known only since when they are there.",
    attributes: OF_PARTITION,
  },
  stalledTime: {
    name: "bus.consumer.stalled.time",
    kind: "gauge",
    unit: "s",
    description: "How long a partition with something to read has not moved, as the probe of /livez reckons it: 0 while it waits for good reason.",
    attributes: OF_PARTITION,
  },
  skew: {
    name: "bus.consumer.skew",
    kind: "gauge",
    unit: "1",
    description: "The largest lag of the partitions that this member has of a topic, over their mean: 1 when they are even.",
    attributes: [GROUP, TOPIC],
  },
  unsettledRecords: {
    name: "bus.consumer.unsettled.records",
    kind: "upDownCounter",
    unit: "{record}",
    description: "Records received and not settled.",
    attributes: OF_PARTITION,
  },
  unsettledSize: {
    name: "bus.consumer.unsettled.size",
    kind: "upDownCounter",
    unit: "By",
    description: "Bytes of the records received and not settled.",
    attributes: OF_PARTITION,
  },
  inFlight: {
    name: "bus.consumer.in_flight",
    kind: "upDownCounter",
    unit: "{message}",
    description: "Messages that a handler or an operator works on.",
    attributes: OF_STAGE,
  },
  waiting: {
    name: "bus.consumer.waiting",
    kind: "upDownCounter",
    unit: "{message}",
    description: "Messages that wait for their key or for a free slot.",
    attributes: OF_STAGE,
  },
  keysActive: {
    name: "bus.consumer.keys.active",
    kind: "upDownCounter",
    unit: "{key}",
    description: "Keys of which a message is worked on or waits.",
    attributes: OF_STAGE,
  },
  queueTime: {
    name: "bus.consumer.queue.time",
    kind: "histogram",
    unit: "s",
    description: "How long a message waited for its key and for a free slot before its handler began.",
    attributes: OF_STAGE,
    buckets: durationBuckets,
  },
  stageDuration: {
    name: "bus.consumer.stage.duration",
    kind: "histogram",
    unit: "s",
    description:
      "How long a call of a handler, or of the function of an operator or of a connector's stage, took. Of calls for one message the first try only.",
    attributes: OF_STAGE,
    buckets: durationBuckets,
  },
  creditExhausted: {
    name: "bus.consumer.credit.exhausted",
    kind: "counter",
    unit: "{pause}",
    description: "How often a limit of the credit stopped the fetching of a partition.",
    attributes: [GROUP, TOPIC, BUS_CREDIT_LIMIT],
  },
  retries: {
    name: "bus.consumer.retries",
    kind: "counter",
    unit: "{try}",
    description: "Failed tries that another one follows.",
    attributes: [GROUP, TOPIC, BUS_STAGE, ERROR_TYPE],
  },
  deadLetters: {
    name: "bus.consumer.dead_letters",
    kind: "counter",
    unit: "{record}",
    description: "Records that became dead letters, by where and of what they failed.",
    attributes: [GROUP, TOPIC, BUS_STAGE, ERROR_TYPE],
  },
  duplicatesSuppressed: {
    name: "bus.consumer.duplicates.suppressed",
    kind: "counter",
    unit: "{record}",
    description: "Records received again that were settled, or in work, already.",
    attributes: [GROUP, TOPIC],
  },
  commits: {
    name: "bus.consumer.commits",
    kind: "counter",
    unit: "{commit}",
    description: "Commits of offsets; those that the cluster did not take have an error.type.",
    attributes: [GROUP, ERROR_TYPE],
  },
  rebalances: {
    name: "bus.consumer.rebalances",
    kind: "counter",
    unit: "{rebalance}",
    description: "Changes of what this member has of a topic: assigned, revoked, lost.",
    attributes: [GROUP, TOPIC, BUS_REBALANCE_EVENT],
  },
  rebalanceDuration: {
    name: "bus.consumer.rebalance.duration",
    kind: "histogram",
    unit: "s",
    description: "How long this member took over such a change: drain and commit of what is revoked, take-over of what is assigned.",
    attributes: [GROUP, BUS_REBALANCE_EVENT],
    buckets: durationBuckets,
  },
  streamState: {
    name: "bus.consumer.state",
    kind: "upDownCounter",
    unit: "{stream}",
    description: "Streams in each state: starting, running, paused, restarting, closing, failed.",
    attributes: [GROUP, TOPIC, BUS_STREAM_STATE],
  },
  fetchSize: {
    name: "bus.consumer.batch.size",
    kind: "histogram",
    unit: "{record}",
    description: "Records of a partition that came with one fetch.",
    attributes: [GROUP, TOPIC],
    buckets: sizeBuckets,
  },
  handlerBatchSize: {
    name: "bus.consumer.handler.batch.size",
    kind: "histogram",
    unit: "{message}",
    description: "Messages that one call of a batch operator worked on.",
    attributes: OF_STAGE,
    buckets: sizeBuckets,
  },
  sendSize: {
    name: "bus.publisher.batch.size",
    kind: "histogram",
    unit: "{record}",
    description: "Records of a topic that went out with one send.",
    attributes: [TOPIC],
    buckets: sizeBuckets,
  },
  contractViolations: {
    name: "bus.contract.violations",
    kind: "counter",
    unit: "{violation}",
    description:
      "Faults for which a message was refused when it was to be published. Of paths only declared names are told, without indexes and keys.",
    attributes: [TOPIC, BUS_MESSAGE_TYPE, BUS_CONTRACT_RULE, BUS_CONTRACT_FIELD],
  },
});
