import type { Attributes } from "@opentelemetry/api";
import * as semantic from "../context/semantic-conventions.js";
import { errorType } from "../context/span-failure.js";
import { remembered } from "../context/span-templates.js";
import { busInstruments } from "./bus-instruments.js";
import { BUS_CREDIT_LIMIT, BUS_REBALANCE_EVENT, BUS_STAGE, type busMetrics } from "./bus-metrics.js";
import type { Instruments } from "./instruments.js";

const TOPIC = semantic.MESSAGING_DESTINATION_NAME;
const GROUP = semantic.MESSAGING_CONSUMER_GROUP_NAME;

/** What changes in which partitions a member has. */
export type RebalanceEvent = "assigned" | "revoked" | "lost";

/**
 * What a stream writes down as things happen. Which SDK is registered is looked up once for each batch of records and not for each message; where there is
 * none, every call returns at once.
 */
export class StreamMetrics {
  private instruments: Instruments<typeof busMetrics> | undefined = busInstruments();
  private readonly byTopic = new Map<string, Attributes>();
  private readonly processByTopic = new Map<string, Attributes>();
  private readonly byStage = new Map<string, Attributes>();

  /** @param system `Transport.name` */
  constructor(
    private readonly system: string,
    private readonly group: string,
  ) {}

  received(topic: string, records: number, duplicates: number): void {
    this.instruments = busInstruments();
    if (this.instruments === undefined) return;
    const attributes = this.ofTopic(topic);
    this.instruments.consumedMessages.add(records, { ...this.operation("receive", "receive"), ...attributes });
    this.instruments.fetchSize.record(records, attributes);
    if (duplicates > 0) this.instruments.duplicatesSuppressed.add(duplicates, attributes);
  }

  /** Begins to measure; 0 where nothing is measured. */
  begin(): number {
    return this.instruments === undefined ? 0 : performance.now();
  }

  /** A record was settled, or given up, that began at `since`. */
  processed(topic: string, since: number, error: unknown): void {
    if (this.instruments === undefined || since === 0) return;
    const operation = () => this.operation(semantic.OPERATION_PROCESS, semantic.OPERATION_PROCESS);
    const attributes = remembered(this.processByTopic, topic, () => ({ ...operation(), ...this.ofTopic(topic) }));
    this.instruments.processDuration.record(secondsSince(since), withError(attributes, error));
  }

  /** A message begins after it has waited in `stage`. */
  waited(stage: string, waitedMs: number): void {
    this.instruments?.queueTime.record(waitedMs / 1_000, this.ofStage(stage));
  }

  /** A call of user code for `messages` is over that began at `since`. */
  calledBatch(stage: string, messages: number, since: number): void {
    this.instruments?.handlerBatchSize.record(messages, this.ofStage(stage));
    this.called(stage, since);
  }

  called(stage: string, since: number): void {
    if (since > 0) this.instruments?.stageDuration.record(secondsSince(since), this.ofStage(stage));
  }

  retried(topic: string, stage: string, error: unknown): void {
    this.instruments?.retries.add(1, withError({ ...this.ofTopic(topic), [BUS_STAGE]: stage }, error));
  }

  deadLettered(topic: string, stage: string, error: unknown): void {
    this.instruments?.deadLetters.add(1, withError({ ...this.ofTopic(topic), [BUS_STAGE]: stage }, error));
  }

  exhausted(topic: string, limit: string): void {
    this.instruments?.creditExhausted.add(1, { ...this.ofTopic(topic), [BUS_CREDIT_LIMIT]: limit });
  }

  /** A commit of offsets that began at `since` is over. */
  committed(since: number, error?: unknown): void {
    if (this.instruments === undefined) return;
    this.instruments.commits.add(1, withError({ [GROUP]: this.group }, error));
    if (since > 0) {
      const attributes = { ...this.operation("commit", "settle"), [GROUP]: this.group };
      this.instruments.operationDuration.record(secondsSince(since), withError(attributes, error));
    }
  }

  /** Partitions of `topics` were assigned, revoked or lost; since `since` this member dealt with it. */
  rebalanced(event: RebalanceEvent, topics: Iterable<string>, since: number): void {
    this.instruments = busInstruments();
    if (this.instruments === undefined) return;
    for (const topic of new Set(topics)) this.instruments.rebalances.add(1, { ...this.ofTopic(topic), [BUS_REBALANCE_EVENT]: event });
    if (since > 0) this.instruments.rebalanceDuration.record(secondsSince(since), { [GROUP]: this.group, [BUS_REBALANCE_EVENT]: event });
  }

  private operation(name: string, type: string): Attributes {
    return {
      [semantic.MESSAGING_SYSTEM_NAME]: this.system,
      [semantic.MESSAGING_OPERATION_NAME]: name,
      [semantic.MESSAGING_OPERATION_TYPE]: type,
    };
  }

  private ofTopic(topic: string): Attributes {
    return remembered(this.byTopic, topic, () => ({ [GROUP]: this.group, [TOPIC]: topic }));
  }

  private ofStage(stage: string): Attributes {
    return remembered(this.byStage, stage, () => ({ [GROUP]: this.group, [BUS_STAGE]: stage }));
  }
}

/** With what failed, where something did. */
export function withError(attributes: Attributes, error: unknown): Attributes {
  return error === undefined ? attributes : { ...attributes, [semantic.ERROR_TYPE]: errorType(error) };
}

export function secondsSince(since: number): number {
  return (performance.now() - since) / 1_000;
}
