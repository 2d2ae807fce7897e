import type { Clock } from "../../clock.js";
import type { ConsumerTracing, TraceRelation } from "../../context/process-span.js";
import type { DecodeLimits } from "../../contract/wire/limits.js";
import { BusError, messageOf } from "../../errors.js";
import { ensureDeadLetterTopics } from "../../failure/dead-letter-topics.js";
import { DeadLetterWriter } from "../../failure/dead-letter-writer.js";
import { FailurePolicy } from "../../failure/failure-policy.js";
import type { Logger } from "../../logger.js";
import { StreamMetrics } from "../../metrics/stream-metrics.js";
import type { Publisher } from "../../publish/publisher.js";
import { partitionName } from "../../transport/record.js";
import type { AssignedPartition, ConsumerListener, PartitionEpoch, RecordBatch, TransportConsumer } from "../../transport/transport.js";
import { Committer } from "../commit/committer.js";
import type { OffsetCommitter } from "../commit/offset-committer.js";
import type { PartitionExplanation, StageExplanation } from "../consumption.js";
import { LostDeliveries } from "../delivery/lost-deliveries.js";
import { Outbox } from "../exactly-once/outbox.js";
import { TransactionalCommitter } from "../exactly-once/transactional-committer.js";
import type { DeliverySink } from "../face.js";
import { AssignedPartitions } from "../partition/assigned-partitions.js";
import { logAssignment } from "../partition/log-assignment.js";
import type { PartitionWork } from "../partition/partition-work.js";
import { AttachedStages } from "../stage/attached-stages.js";
import { withoutSensitive } from "../stage/withheld-error.js";
import { explainPartition } from "./explain.js";
import { handlerScope } from "./handler-scope.js";
import { Receiver } from "./receiver.js";
import type { RunEnd, RunInput } from "./run-input.js";
import type { AttachedStage, RunningKey, RunScope } from "./run-scope.js";
import { WaitingHandlers } from "./waiting-handlers.js";

/** One opening of a consumption: from joining the group to leaving it. */
export class Run implements RunScope, ConsumerListener {
  readonly group: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracing: ConsumerTracing;
  readonly traceRelation: TraceRelation;
  readonly metrics: StreamMetrics;
  readonly failure: FailurePolicy;
  readonly publisher: Publisher;
  readonly partitions: AssignedPartitions;
  readonly maxWaitingPerKey: number;
  readonly decodeLimits: DecodeLimits;
  private readonly consumer: TransportConsumer;
  private readonly committer: OffsetCommitter;
  private readonly lostDeliveries: LostDeliveries;
  private readonly stages = new AttachedStages();
  private sink: DeliverySink | undefined;
  private receiver: Receiver | undefined;
  private cancelTick: (() => void) | undefined;
  private resolveEnded: (end: RunEnd) => void = () => {};
  private readonly ended: Promise<RunEnd>;
  private over = false;
  private misuseLogged = false;
  private readonly waitingHandlers = new WaitingHandlers(() => this.stages.calls);

  constructor(private readonly input: RunInput) {
    const { dependencies, contracts, options } = input;
    const { transport, publisher, clock, logger, tracing, random } = dependencies;
    this.group = options.group;
    this.maxWaitingPerKey = options.credit.maxWaitingPerKey;
    this.decodeLimits = options.decode;
    this.clock = clock;
    this.logger = logger;
    this.tracing = tracing;
    this.traceRelation = options.trace;
    this.metrics = new StreamMetrics(transport.name, options.group);
    this.publisher = publisher;
    this.failure = new FailurePolicy(options.failure, random ?? Math.random, new DeadLetterWriter(publisher, clock, options.group, logger));
    this.lostDeliveries = new LostDeliveries(options.settleTimeoutMs, (error) => this.finish({ reason: "stop", error, drain: false }));
    const { group, from, outOfRange } = options;
    this.consumer = transport.createConsumer({ group, topics: [...contracts.keys()], from, outOfRange });
    const exhausted = ({ topic, pausedBy }: PartitionWork) => this.metrics.exhausted(topic, pausedBy ?? "");
    this.partitions = new AssignedPartitions(this.consumer, options.credit, exhausted, this.outboxes());
    this.committer = this.createCommitter();
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
  }

  /** Runs until something ends it; everything is closed then. Never rejects. */
  async live(onStarted: () => void): Promise<RunEnd> {
    this.open().then(
      () => {
        if (!this.over) onStarted();
      },
      (error: unknown) => this.broken(error),
    );
    const end = await this.ended;
    await this.shutDown(end);
    return end;
  }

  close(): void {
    this.finish({ reason: "close" });
  }

  stop(error: BusError): void {
    this.finish({ reason: "stop", error, drain: true });
  }

  restart(error: BusError): void {
    this.finish({ reason: "restart", error: this.tellable(error) });
  }

  attach(stage: AttachedStage): void {
    this.stages.add(stage);
  }

  callEnded(): void {
    this.waitingHandlers.callEnded();
  }

  /** Resolves when no call of user code is in flight but those that wait for this. */
  othersEnded(): Promise<void> {
    return this.waitingHandlers.othersEnded();
  }

  get leftovers(): readonly RunningKey[] {
    return this.input.leftovers.list();
  }

  get inFlight(): number {
    return this.stages.inFlight;
  }

  get overdue(): number {
    return this.stages.overdue;
  }

  get waiting(): number {
    return this.stages.waiting;
  }

  explain(): readonly PartitionExplanation[] {
    const now = this.clock.now();
    const stages = this.stages.all();
    const { share: credit } = this.partitions;
    return this.partitions.all().map((work) => {
      const { frontier, span } = work.ledger;
      const position = this.consumer.position?.(work) ?? frontier + span;
      return explainPartition(work, stages, { pausedBy: this.partitions.pauseReason(work), credit, position }, now);
    });
  }

  explainStages(): readonly StageExplanation[] {
    return this.stages.explain();
  }

  /** Asks the cluster where the logs of the assigned partitions end. */
  async readLogEnds(): Promise<void> {
    const { admin } = this.input.dependencies.transport;
    const topics = new Set(this.partitions.all().map(({ topic }) => topic));
    for (const offsets of await Promise.all([...topics].map((topic) => admin.offsets(topic)))) {
      for (const { logEnd, ...partition } of offsets) this.partitions.find(partition)?.sawLogEnd(logEnd);
    }
  }

  misused(topic: string, partition: number, offset: number): void {
    if (this.misuseLogged) return;
    this.misuseLogged = true;
    this.logger.warn(
      { group: this.group, topic, partition, offset },
      "an operator emitted a delivery more than once; it settles when all that came of it have (logged once)",
    );
  }

  async assigned(assigned: readonly AssignedPartition[]): Promise<void> {
    const since = this.metrics.begin();
    let taken: readonly AssignedPartition[];
    try {
      taken = await this.committer.takeOver(assigned);
    } catch (error) {
      this.broken(error);
      return;
    }
    if (this.over) return;
    const works = this.partitions.add(taken);
    this.committer.begin(works);
    logAssignment(this.logger, this.group, taken, works);
    this.metrics.rebalanced("assigned", topicsOf(works), since);
  }

  records(batch: RecordBatch): void {
    const work = this.partitions.get(batch);
    if (this.over || work?.state !== "active" || this.receiver === undefined) return;
    const { receiver } = this;
    handlerScope.run(this.input.scope, () => receiver.receive(work, batch));
    this.partitions.check(work);
  }

  async revoked(revoked: readonly PartitionEpoch[]): Promise<void> {
    const since = this.metrics.begin();
    const works = this.worksOf(revoked);
    const { awaitableRevoke } = this.input.dependencies.transport.features;
    await this.drain(works, awaitableRevoke ? this.input.options.drainTimeoutMs : 0);
    await this.committer.commit(works);
    this.fence(works);
    this.logger.debug({ group: this.group, partitions: works.map(partitionName) }, "partitions revoked");
    this.metrics.rebalanced("revoked", topicsOf(works), since);
  }

  lost(lost: readonly PartitionEpoch[]): void {
    const works = this.worksOf(lost);
    if (works.length === 0) return;
    this.fence(works);
    this.metrics.rebalanced("lost", topicsOf(works), 0);
    this.logger.warn({ group: this.group, partitions: works.map(partitionName) }, "partitions lost: what was in flight will be delivered again");
  }

  stopped(error: BusError): void {
    this.fence(this.partitions.all());
    this.broken(error);
  }

  private async open(): Promise<void> {
    const { dependencies, contracts, options, face } = this.input;
    if (options.failure.otherwise === "deadLetter") {
      await ensureDeadLetterTopics(dependencies.transport.admin, [...contracts.values()], options.group);
    }
    if (this.over) return;
    this.sink = face.open({ fail: (error) => this.restart(error) });
    // what is handed on in later turns waits for its keys only then
    this.receiver = new Receiver(this, contracts, this.lostDeliveries, this.sink, (work) => this.partitions.check(work));
    await this.consumer.start(this);
    this.scheduleTick();
  }

  private broken(error: unknown): void {
    const failure = BusError.from(error, "transport_failed");
    this.finish(failure.retryable ? { reason: "restart", error: failure } : { reason: "stop", error: failure, drain: true });
  }

  /** What comes from operators that are not ours may hold values of messages. */
  private tellable(error: BusError): BusError {
    if (error.code !== "handler_failed" || error.cause === undefined) return error;
    return BusError.from(withoutSensitive(error, this.input.contracts.values()), error.code);
  }

  /** The first end counts. Nothing begins from this moment on, not even of what is being handed on right now. */
  private finish(end: RunEnd): void {
    if (this.over) return;
    this.over = true;
    for (const work of this.partitions.all()) work.close();
    this.leaveRunningKeys();
    this.resolveEnded(end);
  }

  private createCommitter(): OffsetCommitter {
    const { dependencies, options } = this.input;
    const onCeiling = (work: PartitionWork) => this.ceilingChanged(work);
    if (options.exactlyOnce === undefined) return new Committer(this.consumer, this.logger, onCeiling, options.commitCuts, this.metrics);
    return new TransactionalCommitter({
      group: this.group,
      metrics: this.metrics,
      dependencies,
      onCeiling,
      cuts: options.commitCuts,
      onCommitted: (work, records) => {
        this.partitions.check(work);
        options.onCommitted?.(records);
      },
      onFenced: (error) => this.restart(error),
      onRefused: (error) => this.stop(error),
    });
  }

  private outboxes(): ConstructorParameters<typeof AssignedPartitions>[3] {
    const { exactlyOnce } = this.input.options;
    if (exactlyOnce === undefined) return undefined;
    return {
      create: () => new Outbox(),
      onSettled: (work) => {
        if (work.ledger.changes - work.committedChanges >= exactlyOnce.maxMessages) void this.committer.commit([work]);
      },
    };
  }

  private ceilingChanged(work: PartitionWork): void {
    this.partitions.check(work);
    this.stages.reconsider();
  }

  /** Another stream of the group in this process may get the partitions before the work on these keys has ended: a drain can outlast a session. */
  private leaveRunningKeys(): void {
    this.input.leftovers.add(this.stages.all().flatMap((stage) => stage.running()));
  }

  private scheduleTick(): void {
    const { exactlyOnce, commitIntervalMs } = this.input.options;
    if (!this.over) this.cancelTick = this.clock.schedule(exactlyOnce?.maxWaitMs ?? commitIntervalMs, () => void this.tick());
  }

  private async tick(): Promise<void> {
    this.lostDeliveries.check(this.partitions.all(), this.stages.all(), this.clock.now());
    const committed = this.committer.commit(this.partitions.all());
    // the transactions of a partition do not wait for those of another
    if (this.input.options.exactlyOnce === undefined) await committed;
    for (const work of this.partitions.all()) if (work.pausedBy !== undefined) this.partitions.check(work);
    this.scheduleTick();
  }

  private async shutDown(end: RunEnd): Promise<void> {
    this.cancelTick?.();
    const drains = end.reason === "close" || (end.reason === "stop" && end.drain);
    const works = this.partitions.all();
    this.consumer.pause(works);
    await this.drain(works, drains ? this.input.options.drainTimeoutMs : 0);
    await this.committer.commit(works);
    this.fence(this.partitions.all());
    this.leaveRunningKeys();
    this.sink?.close();
    this.failure.deadLetters.close();
    await this.consumer.close().catch((error: unknown) => {
      this.logger.warn({ group: this.group, error: messageOf(error) }, "the consumer did not close cleanly");
    });
    await this.committer.close();
  }

  /** Nothing of `works` begins any more; waits for what has begun. */
  private async drain(works: readonly PartitionWork[], timeoutMs: number): Promise<void> {
    const drained = Promise.all(works.map((work) => work.drain()));
    this.stages.purge();
    if (timeoutMs === 0) return;
    let cancel: (() => void) | undefined;
    const timedOut = new Promise<void>((resolve) => {
      cancel = this.clock.schedule(timeoutMs, () => {
        const inFlight = works.reduce((total, work) => total + work.inFlight, 0);
        this.logger.warn({ group: this.group, inFlight, timeoutMs }, "the drain timed out: what is in flight will be delivered again");
        resolve();
      });
    });
    await Promise.race([drained, timedOut]);
    cancel?.();
  }

  private fence(works: readonly PartitionWork[]): void {
    this.partitions.fence(works);
    this.stages.purge();
    this.committer.release(works);
  }

  private worksOf(partitions: readonly PartitionEpoch[]): PartitionWork[] {
    return partitions.flatMap((partition) => this.partitions.get(partition) ?? []);
  }
}

function topicsOf(works: readonly PartitionWork[]): readonly string[] {
  return works.map(({ topic }) => topic);
}
