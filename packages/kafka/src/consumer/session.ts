import { BusError, type CommitRequest, type ConsumerListener, type PartitionEpoch, type TransportConsumerOptions } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { Consumer, EachBatchPayload, InstrumentationEvent } from "kafkajs";
import type { KafkaAdmin } from "../admin/admin.js";
import type { Connection } from "../client/connection.js";
import type { ResolvedKafkaOptions } from "../options/options.js";
import { Assignment, type OwnedPartition } from "./assignment.js";
import { type CommitOnce, commitOffsets } from "./commit.js";
import { createKafkajsConsumer, heartbeatIntervalMs } from "./kafkajs-consumer.js";
import { startPositions } from "./start-positions.js";
import { toRecord } from "./to-record.js";
import { Turns } from "./turns.js";

export interface SessionOptions {
  readonly connection: Connection;
  readonly admin: KafkaAdmin;
  readonly tuning: ResolvedKafkaOptions["consumer"];
  readonly consumer: TransportConsumerOptions;
  readonly listener: ConsumerListener;
  /** A number that no assignment of the consumer had. */
  readonly nextEpoch: () => number;
  /** The listener has taken an assignment. */
  readonly onAssigned: () => void;
  /** The session is over; its partitions have been reported lost. Not called after `close`. */
  readonly onEnded: (error: unknown) => void;
}

/** One membership of the group, from the connection of a kafkajs consumer to its end. */
export class Session {
  readonly #options: SessionOptions;
  readonly #consumer: Consumer;
  readonly #turns = new Turns();
  #assignment: Assignment | undefined;
  #running: Promise<void> = Promise.resolve();
  #commitOnce: CommitOnce;
  #hold = new AbortController();
  #over = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#consumer = createKafkajsConsumer({ ...options, createClient: options.connection.createClient });
    // repeats by itself, and then in the generation of that time; good enough until the first batch brings one that does not
    this.#commitOnce = ({ topics }) =>
      this.#consumer.commitOffsets(topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, ...partition }))));
  }

  /** Joins the group. */
  open(): void {
    const { GROUP_JOIN, REBALANCING, START_BATCH_PROCESS, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#joined(payload.memberAssignment));
    this.#consumer.on(REBALANCING, () => this.#rebalancing());
    this.#consumer.on(START_BATCH_PROCESS, (event) => this.#skipUndelivered(event));
    this.#consumer.on(CRASH, ({ payload }) => this.#end(payload.error));
    this.#running = this.#run();
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    this.#setPaused(partitions, true);
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    this.#setPaused(partitions, false);
  }

  async commit(requests: readonly CommitRequest[]): Promise<void> {
    await commitOffsets(requests, this.#assignment, this.#commitOnce, this.#options.connection);
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.#over = true;
    if (this.#assignment !== undefined) this.#assignment.delivering = false;
    this.#hold.abort();
    // kafkajs would go on with a join that is under way, and stay in the group
    await this.#running;
    await this.#consumer.disconnect();
  }

  async #run(): Promise<void> {
    try {
      await this.#consumer.connect();
      if (this.#over) return;
      await this.#consumer.subscribe({ topics: [...this.#options.consumer.topics], fromBeginning: true });
      if (this.#over) return;
      await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: (payload) => this.#eachBatch(payload) });
    } catch (error) {
      await this.#consumer.disconnect().catch(() => {});
      this.#end(error);
    }
  }

  // kafkajs calls this in the middle of the join: nothing is fetched before it returns
  #joined(memberAssignment: Readonly<Record<string, readonly number[]>>): void {
    // some ways to rejoin send no event before
    this.#endAssignment();
    if (this.#over) return;
    const assignment = new Assignment(this.#options.nextEpoch(), memberAssignment);
    this.#assignment = assignment;
    this.#control("pause", assignment.partitions);
    void this.#announce(assignment).catch((error: unknown) => {
      // of an assignment that has gone meanwhile nothing matters any more
      if (this.#assignment === assignment) this.#fail(error);
    });
  }

  async #announce(assignment: Assignment): Promise<void> {
    const isCurrent = () => !this.#over && this.#assignment === assignment && !assignment.leaving;
    const positions = await this.#positions(assignment, isCurrent);
    await this.#turns.take(async () => {
      if (!isCurrent()) return;
      for (const { topic, partition, position } of positions) {
        const owned = assignment.find({ topic, partition });
        if (owned !== undefined) owned.next = position;
        this.#consumer.seek({ topic, partition, offset: String(position) });
      }
      assignment.announced = true;
      await this.#options.listener.assigned(positions);
      if (!isCurrent()) return;
      assignment.delivering = true;
      this.#control(
        "resume",
        assignment.partitions.filter(({ paused }) => !paused),
      );
      this.#options.onAssigned();
    });
  }

  async #positions(assignment: Assignment, isCurrent: () => boolean): ReturnType<typeof startPositions> {
    for (let tries = 0; ; tries++) {
      try {
        return await startPositions(this.#options.admin, assignment, this.#options.consumer);
      } catch (error) {
        if (!isCurrent()) return [];
        if (!(error instanceof BusError && error.retryable)) throw error;
        await this.#options.connection.backoff.wait(tries);
      }
    }
  }

  // kafkajs goes on to rejoin at once; what is committed before it asks for the coordinator is still accepted
  #rebalancing(): void {
    const assignment = this.#assignment;
    if (assignment === undefined || assignment.leaving) return;
    assignment.leaving = true;
    assignment.delivering = false;
    this.#hold.abort();
    void this.#turns
      .take(async () => {
        if (assignment.announced && !this.#over) await this.#options.listener.revoked(assignment.epochs);
      })
      .catch((error: unknown) => {
        const { group } = this.#options.consumer;
        this.#options.connection.logger.warn({ group, error: String(error) }, "what was to be done before partitions move has failed");
      });
  }

  /** The generation is over: no commit of it is accepted any more. */
  #endAssignment(): void {
    const assignment = this.#assignment;
    if (assignment === undefined) return;
    this.#assignment = undefined;
    const told = assignment.leaving;
    assignment.over = true;
    assignment.leaving = true;
    assignment.delivering = false;
    this.#hold.abort();
    if (told) return;
    void this.#turns.take(() => {
      if (assignment.announced && !this.#over) this.#options.listener.lost(assignment.epochs);
    });
  }

  async #eachBatch({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }: EachBatchPayload): Promise<void> {
    this.#commitOnce = commitOffsetsIfNecessary;
    const assignment = this.#assignment;
    const owned = assignment?.find(batch);
    const last = batch.messages.at(-1);
    if (assignment === undefined || !assignment.delivering || owned?.next === undefined || last === undefined) return;
    if (!startsAt(batch, owned.next)) {
      this.#consumer.seek({ topic: owned.topic, partition: owned.partition, offset: String(owned.next) });
      return;
    }
    owned.next = Number(batch.lastOffset()) + 1;
    resolveOffset(last.offset);
    const { topic, partition, epoch } = owned;
    const records = batch.messages.map((message) => toRecord(topic, partition, message));
    // a broker notes its high watermark before it reads, so what was written meanwhile may be beyond it
    const logEnd = Math.max(Number(batch.highWatermark), owned.next);
    this.#options.listener.records({ topic, partition, epoch, records, logEnd });
    await this.#holdWhilePaused(assignment, heartbeat);
  }

  /** With all partitions paused kafkajs would sleep for the whole time of a fetch, whatever is resumed meanwhile. */
  async #holdWhilePaused(assignment: Assignment, heartbeat: () => Promise<void>): Promise<void> {
    while (assignment.delivering && assignment.allPaused) {
      // throws when the group rebalances
      await heartbeat();
      if (this.#hold.signal.aborted) this.#hold = new AbortController();
      if (!assignment.delivering || !assignment.allPaused) continue;
      await sleep(this.#options.connection.clock, heartbeatIntervalMs(this.#options.tuning), this.#hold.signal);
    }
  }

  /** Control records and records of aborted transactions are passed over inside kafkajs. */
  #skipUndelivered({ payload }: InstrumentationEvent<{ topic: string; partition: number; batchSize: number; lastOffset: string }>): void {
    if (payload.batchSize > 0) return;
    const owned = this.#assignment?.find(payload);
    if (owned?.next !== undefined) owned.next = Math.max(owned.next, Number(payload.lastOffset) + 1);
  }

  #setPaused(partitions: readonly PartitionEpoch[], paused: boolean): void {
    const assignment = this.#assignment;
    const changed = partitions.flatMap((partition) => {
      const owned = assignment?.find(partition);
      return owned?.epoch === partition.epoch && owned.paused !== paused ? [owned] : [];
    });
    for (const owned of changed) owned.paused = paused;
    // before the records flow all are paused anyhow
    if (!assignment?.delivering || changed.length === 0) return;
    this.#control(paused ? "pause" : "resume", changed);
    if (!paused) this.#hold.abort();
  }

  #control(what: "pause" | "resume", partitions: readonly OwnedPartition[]): void {
    try {
      this.#consumer[what](partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
    } catch {
      // kafkajs has left the group, and says why by an event that is on its way
    }
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#endAssignment();
    void this.#running
      .then(() => this.#consumer.disconnect())
      .catch(() => {})
      .then(() => this.#end(error));
  }

  #end(error: unknown): void {
    if (this.#over) return;
    this.#endAssignment();
    // after what the listener is being told
    void this.#turns.take(() => {
      if (this.#over) return;
      this.#over = true;
      this.#options.onEnded(error);
    });
  }
}

// `fetchedOffset` is a property of kafkajs's batches that its types leave out
function startsAt(batch: object, offset: number): boolean {
  return !("fetchedOffset" in batch) || Number(batch.fetchedOffset) === offset;
}
