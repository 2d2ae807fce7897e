import type { Clock } from "../clock.js";
import type { ConsumerTracing } from "../context/process-span.js";
import type { AnyContract } from "../contract/contract.js";
import { BusError, messageOf } from "../errors.js";
import { ensureDeadLetterTopics } from "../failure/dead-letter-topics.js";
import { DeadLetterWriter } from "../failure/dead-letter-writer.js";
import { FailurePolicy } from "../failure/failure-policy.js";
import type { Logger } from "../logger.js";
import type { Publisher } from "../publish/publisher.js";
import type { ConsumerListener, PartitionEpoch, RecordBatch, TransportConsumer } from "../transport/transport.js";
import { AssignedPartitions } from "./assigned-partitions.js";
import { Committer } from "./committer.js";
import type { PartitionExplanation } from "./consumption.js";
import type { ConsumeDependencies } from "./dependencies.js";
import { explainPartition } from "./explain.js";
import type { ConsumptionFace, DeliverySink } from "./face.js";
import type { Leftovers } from "./leftovers.js";
import { LostDeliveries } from "./lost-deliveries.js";
import type { ResolvedConsumeOptions } from "./options.js";
import type { PartitionWork } from "./partition-work.js";
import { Receiver } from "./receiver.js";
import type { AttachedStage, RunningKey, RunScope } from "./run-scope.js";

/** How a run came to its end. */
export type RunEnd =
  /** `Consumption.close()` */
  | { readonly reason: "close" }
  /** What ends the stream for good. */
  | { readonly reason: "stop"; readonly error: BusError; readonly drain: boolean }
  /** What may pass: another run follows. */
  | { readonly reason: "restart"; readonly error: BusError };

export interface RunInput {
  readonly dependencies: ConsumeDependencies;
  /** By topic. */
  readonly contracts: ReadonlyMap<string, AnyContract>;
  readonly options: ResolvedConsumeOptions;
  readonly face: ConsumptionFace;
  readonly leftovers: Leftovers;
}

/** One opening of a consumption: from joining the group to leaving it. */
export class Run implements RunScope, ConsumerListener {
  readonly group: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracing: ConsumerTracing;
  readonly failure: FailurePolicy;
  readonly publisher: Publisher;
  readonly partitions: AssignedPartitions;
  readonly maxWaitingPerKey: number;
  private readonly consumer: TransportConsumer;
  private readonly committer: Committer;
  private readonly lostDeliveries: LostDeliveries;
  private readonly stages = new Set<AttachedStage>();
  private sink: DeliverySink | undefined;
  private receiver: Receiver | undefined;
  private cancelTick: (() => void) | undefined;
  private resolveEnded: (end: RunEnd) => void = () => {};
  private readonly ended: Promise<RunEnd>;
  private over = false;
  private misuseLogged = false;

  constructor(private readonly input: RunInput) {
    const { dependencies, contracts, options } = input;
    const { transport, publisher, clock, logger, tracing, random } = dependencies;
    this.group = options.group;
    this.maxWaitingPerKey = options.credit.maxWaitingPerKey;
    this.clock = clock;
    this.logger = logger;
    this.tracing = tracing;
    this.publisher = publisher;
    this.failure = new FailurePolicy(options.failure, random ?? Math.random, new DeadLetterWriter(publisher, clock, options.group, logger));
    this.lostDeliveries = new LostDeliveries(options.settleTimeoutMs, (error) => this.finish({ reason: "stop", error, drain: false }));
    const { group, from, outOfRange } = options;
    this.consumer = transport.createConsumer({ group, topics: [...contracts.keys()], from, outOfRange });
    this.partitions = new AssignedPartitions(this.consumer, options.credit);
    this.committer = new Committer(this.consumer, logger, (work) => this.ceilingChanged(work));
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
    this.finish({ reason: "restart", error });
  }

  attach(stage: AttachedStage): void {
    this.stages.add(stage);
  }

  get leftovers(): readonly RunningKey[] {
    return this.input.leftovers.list();
  }

  get inFlight(): number {
    return sum(this.stages, (stage) => stage.inFlight);
  }

  get overdue(): number {
    return sum(this.stages, (stage) => stage.overdue);
  }

  get waiting(): number {
    return sum(this.stages, (stage) => stage.waiting);
  }

  explain(): readonly PartitionExplanation[] {
    const now = this.clock.now();
    const stages = [...this.stages];
    const { share: credit } = this.partitions;
    return this.partitions.all().map((work) => explainPartition(work, stages, { pausedBy: this.partitions.pauseReason(work), credit }, now));
  }

  misused(topic: string, partition: number, offset: number): void {
    if (this.misuseLogged) return;
    this.misuseLogged = true;
    this.logger.warn(
      { group: this.group, topic, partition, offset },
      "an operator emitted a delivery more than once; it settles when all that came of it have (logged once)",
    );
  }

  assigned(assigned: Parameters<ConsumerListener["assigned"]>[0]): void {
    const works = this.partitions.add(assigned);
    this.logger.debug({ group: this.group, partitions: works.map(nameOf) }, "partitions assigned");
    for (const { topic, partition, position, committed } of assigned) {
      if (committed === undefined || committed.offset === position) continue;
      this.logger.warn(
        { group: this.group, topic, partition, committed: committed.offset, position },
        "the committed offset is not in the log any more: records were deleted before they were read, and outOfRange says to go on without them",
      );
    }
    const foreign = works.filter(({ hasForeignMetadata }) => hasForeignMetadata);
    if (foreign.length === 0) return;
    this.logger.warn(
      { group: this.group, partitions: foreign.map(nameOf) },
      "the commits of these partitions have metadata of another program, which is ignored and will be overwritten",
    );
  }

  records(batch: RecordBatch): void {
    const work = this.partitions.get(batch);
    if (this.over || work?.state !== "active" || this.receiver === undefined) return;
    this.receiver.receive(work, batch);
    this.partitions.check(work);
  }

  async revoked(revoked: readonly PartitionEpoch[]): Promise<void> {
    const works = this.worksOf(revoked);
    const { awaitableRevoke } = this.input.dependencies.transport.features;
    await this.drain(works, awaitableRevoke ? this.input.options.drainTimeoutMs : 0);
    await this.committer.commit(works);
    this.fence(works);
    this.logger.debug({ group: this.group, partitions: works.map(nameOf) }, "partitions revoked");
  }

  lost(lost: readonly PartitionEpoch[]): void {
    const works = this.worksOf(lost);
    this.fence(works);
    this.logger.warn({ group: this.group, partitions: works.map(nameOf) }, "partitions lost: what was in flight will be delivered again");
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
    this.receiver = new Receiver(this, contracts, this.lostDeliveries, this.sink);
    await this.consumer.start(this);
    this.scheduleTick();
  }

  private broken(error: unknown): void {
    const failure = BusError.from(error, "transport_failed");
    this.finish(failure.retryable ? { reason: "restart", error: failure } : { reason: "stop", error: failure, drain: true });
  }

  /** The first end counts. Nothing begins from this moment on, not even of what is being handed on right now. */
  private finish(end: RunEnd): void {
    if (this.over) return;
    this.over = true;
    for (const work of this.partitions.all()) work.close();
    this.resolveEnded(end);
  }

  private ceilingChanged(work: PartitionWork): void {
    this.partitions.check(work);
    for (const stage of this.stages) stage.reconsider();
  }

  private scheduleTick(): void {
    if (!this.over) this.cancelTick = this.clock.schedule(this.input.options.commitIntervalMs, () => void this.tick());
  }

  private async tick(): Promise<void> {
    this.lostDeliveries.check(this.partitions.all(), this.stages, this.clock.now());
    await this.committer.commit(this.partitions.all());
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
    this.input.leftovers.add([...this.stages].flatMap((stage) => stage.running()));
    this.sink?.close();
    this.failure.deadLetters.close();
    await this.consumer.close().catch((error: unknown) => {
      this.logger.warn({ group: this.group, error: messageOf(error) }, "the consumer did not close cleanly");
    });
  }

  /** Nothing of `works` begins any more; waits for what has begun. */
  private async drain(works: readonly PartitionWork[], timeoutMs: number): Promise<void> {
    const drained = Promise.all(works.map((work) => work.drain()));
    this.purge();
    if (timeoutMs === 0) return;
    let cancel: (() => void) | undefined;
    const timedOut = new Promise<void>((resolve) => {
      cancel = this.clock.schedule(timeoutMs, () => {
        const inFlight = sum(works, (work) => work.inFlight);
        this.logger.warn({ group: this.group, inFlight, timeoutMs }, "the drain timed out: what is in flight will be delivered again");
        resolve();
      });
    });
    await Promise.race([drained, timedOut]);
    cancel?.();
  }

  private fence(works: readonly PartitionWork[]): void {
    this.partitions.fence(works);
    this.purge();
  }

  private purge(): void {
    for (const stage of this.stages) stage.purge();
  }

  private worksOf(partitions: readonly PartitionEpoch[]): PartitionWork[] {
    return partitions.flatMap((partition) => this.partitions.get(partition) ?? []);
  }
}

function sum<T>(items: Iterable<T>, count: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += count(item);
  return total;
}

function nameOf({ topic, partition }: PartitionEpoch | PartitionWork): string {
  return `${topic}[${partition}]`;
}
