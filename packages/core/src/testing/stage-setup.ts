import { systemClock } from "../clock.js";
import { type EngineDelivery, received } from "../consume/delivery/engine-delivery.js";
import { Origin } from "../consume/delivery/origin.js";
import { consumeOptions } from "../consume/options.js";
import { PartitionWork } from "../consume/partition/partition-work.js";
import type { AttachedStage, RunScope } from "../consume/run/run-scope.js";
import { consumerTracing } from "../context/consumer-tracing.js";
import { BusError } from "../errors.js";
import { DeadLetterWriter } from "../failure/dead-letter-writer.js";
import { FailurePolicy } from "../failure/failure-policy.js";
import type { Logger } from "../logger.js";
import { StreamMetrics } from "../metrics/stream-metrics.js";
import type { Publisher, RawRecord } from "../publish/publisher.js";
import { Reading } from "./reading.js";

/** A run without a transport: a test makes its deliveries and sees what becomes of them. */
export interface StageBench {
  readonly run: RunScope;
  readonly work: PartitionWork;
  readonly stages: Set<AttachedStage>;
  readonly deadLetters: RawRecord[];
  readonly ends: { readonly stopped: BusError[]; readonly restarted: BusError[] };
  /** The next delivery of partition 0. */
  delivery<T>(key: string | null, value: T, topic?: string): EngineDelivery<T>;
}

export function createStageBench(attempts = 3, backoffMs = 1): StageBench {
  const stages = new Set<AttachedStage>();
  const deadLetters: RawRecord[] = [];
  const ends: { stopped: BusError[]; restarted: BusError[] } = { stopped: [], restarted: [] };
  const refuse = () => Promise.reject(new Error("not for this test"));
  const publisher: Publisher = {
    publish: refuse,
    publishAll: refuse,
    publishTombstone: refuse,
    publishEach: (_contract, _make, _options, outcome) => outcome.failed(new BusError("unsupported", "not for this test")),
    prepare: refuse,
    sendRaw: async (record) => {
      deadLetters.push(record);
      return { topic: record.topic, partition: record.partition ?? 0, offset: deadLetters.length - 1 };
    },
    close: async () => {},
  };
  const failure = consumeOptions.parse({ group: "g", failure: { attempts, initialBackoffMs: backoffMs, maxBackoffMs: backoffMs } }).failure;
  const logger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
  const run: RunScope = {
    group: "g",
    clock: systemClock,
    logger,
    metrics: new StreamMetrics("memory", "g"),
    tracing: consumerTracing("memory"),
    traceRelation: "parent",
    publisher,
    failure: new FailurePolicy(failure, () => 0, new DeadLetterWriter(publisher, systemClock, "g", logger)),
    leftovers: [],
    maxWaitingPerKey: 10_000,
    decodeLimits: {},
    callEnded() {},
    attach: (stage) => stages.add(stage),
    stop: (error) => ends.stopped.push(error),
    restart: (error) => ends.restarted.push(error),
    misused() {},
  };
  const assigned = { topic: "t", partition: 0, epoch: 1, position: 0, committed: undefined, logStart: 0, logEnd: 0 };
  const work = new PartitionWork(assigned, () => {});
  let offset = 0;
  return {
    run,
    work,
    stages,
    deadLetters,
    ends,
    delivery(key, value, topic = "t") {
      const keyBytes = key === null ? null : new TextEncoder().encode(key);
      const record = { topic, partition: 0, offset, timestamp: 1, key: keyBytes, value: new Uint8Array(), headers: {} };
      return received(new Origin(run, work, work.ledger.receive(offset++, 0), record, Reading, 1), value);
    },
  };
}
