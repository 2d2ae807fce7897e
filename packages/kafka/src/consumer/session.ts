import { BusError, type CommitRequest, type PartitionEpoch, type TopicPartition, type TransportConsumerOptions } from "@org/bus-core";
import { type ConsumerSession, Ownership, type SessionOwner } from "@org/bus-core/internal";
import type { KafkaAdmin } from "../admin/admin.js";
import type { Connection } from "../client/connection.js";
import { Membership, type Owner } from "../group/membership.js";
import { StandInCoordinator } from "../group/stand-in-coordinator.js";
import type { ResolvedKafkaOptions } from "../options/options.js";
import { commitOffsets } from "./commit.js";
import { Fetcher } from "./fetcher.js";
import { createKafkajsConsumer } from "./kafkajs-consumer.js";
import { logOf, startPositions } from "./start-positions.js";

export interface SessionOptions extends SessionOwner {
  readonly connection: Connection;
  readonly admin: KafkaAdmin;
  readonly tuning: ResolvedKafkaOptions["consumer"];
  readonly consumer: TransportConsumerOptions;
}

/** Of the time that a rebalance waits for a member, how much its listener may take to give partitions up. */
const REVOCATION_SHARE = 0.8;

/** One membership of the group, from the connection of a kafkajs consumer to its end. */
export class Session implements ConsumerSession {
  readonly #options: SessionOptions;
  readonly #ownership: Ownership;
  readonly #membership: Membership;
  readonly #fetcher: Fetcher;
  #over = false;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { connection, tuning, consumer: subscription, listener, nextEpoch, onAssigned } = options;
    const { clock, logger } = connection;
    const standIn = new StandInCoordinator(clock, (partition) => void this.#outOfRange(partition));
    const { consumer, coordinator, metadata } = createKafkajsConsumer({ connection, tuning, consumer: subscription, standIn });
    this.#ownership = new Ownership({
      listener,
      clock,
      logger,
      revocationLimitMs: tuning.rebalanceTimeoutMs * REVOCATION_SHARE,
      nextEpoch,
      startPositions: (partitions, isWanted) => this.#repeat(isWanted, () => startPositions(options.admin, partitions, subscription), []),
      onChange: (partitions) => this.#fetcher.follow(partitions),
      onReleased: () => this.#membership.rejoin(),
      onAssigned,
      onFailed: (error) => void this.#end(error),
    });
    this.#fetcher = new Fetcher({
      consumer,
      standIn,
      topics: subscription.topics,
      find: (partition) => this.#ownership.find(partition),
      all: () => this.#ownership.all(),
      onBatch: (batch) => listener.records(batch),
      onCrash: (error) => void this.#end(error),
    });
    const owner: Owner = {
      owned: () => this.#ownership.owned(),
      giveUpAll: () => this.#ownership.giveUpAll(),
      expelled: () => this.#ownership.expelled(),
      failed: (error) => this.#ownership.failed(error),
      assigned: (partitions, respected) => {
        this.#ownership.assigned(partitions, respected);
        standIn.give(partitions);
        this.#fetcher.wake();
      },
    };
    const { group, topics } = subscription;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = tuning;
    this.#membership = new Membership({ group, topics, sessionTimeoutMs, rebalanceTimeoutMs, connection, coordinator, metadata, owner });
  }

  /** Joins the group. */
  open(): void {
    this.#fetcher.open(() => this.#membership.start());
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    this.#setPaused(partitions, true);
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    this.#setPaused(partitions, false);
  }

  position(partition: PartitionEpoch): number | undefined {
    const owned = this.#ownership.find(partition);
    return owned?.epoch === partition.epoch ? owned.next : undefined;
  }

  async commit(requests: readonly CommitRequest[]): Promise<void> {
    await commitOffsets(requests, {
      find: (partition) => this.#ownership.find(partition),
      commitOnce: (offsets) => this.#membership.commit(offsets),
      connection: this.#options.connection,
    });
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.#over = true;
    this.#closed = true;
    this.#ownership.close();
    await this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#membership.leave();
    await this.#fetcher.close();
  }

  #setPaused(partitions: readonly PartitionEpoch[], paused: boolean): void {
    const changed = partitions.flatMap((partition) => {
      const owned = this.#ownership.find(partition);
      return owned?.epoch === partition.epoch && owned.paused !== paused ? [owned] : [];
    });
    for (const owned of changed) owned.paused = paused;
    if (changed.length > 0) this.#fetcher.followPauses(changed);
  }

  /** kafkajs says that what it asked for is not in the log; it may have asked from another place than the one that was sought. */
  async #outOfRange(partition: TopicPartition): Promise<void> {
    const owned = this.#ownership.find(partition);
    if (owned?.state !== "reading" || owned.next === undefined || !this.#fetcher.hold(owned)) return;
    const { topic } = partition;
    const { group, outOfRange } = this.#options.consumer;
    try {
      const log = await this.#repeat(
        () => owned.state === "reading",
        async () => logOf(partition, await this.#options.admin.offsets(topic)),
        undefined,
      );
      if (log === undefined || owned.state !== "reading") return;
      const { logStart, logEnd } = log;
      if (owned.next >= logStart && owned.next <= logEnd) return;
      if (outOfRange !== "stop") this.#ownership.restart(owned);
      else {
        const message =
          `group ${group}: the offset to read next in ${topic}[${partition.partition}] is not in the log; records were deleted before they were read: ` +
          'set outOfRange to "earliest" or "latest" to go on without them';
        throw new BusError("offset_out_of_range", message, { details: { ...partition, group, next: owned.next, logStart, logEnd } });
      }
    } catch (error) {
      this.#ownership.failed(error);
    } finally {
      this.#fetcher.release(owned);
    }
  }

  /** Repeats what may pass, while it is wanted; `otherwise` when it is not any more. */
  async #repeat<T, O>(isWanted: () => boolean, call: () => Promise<T>, otherwise: O): Promise<T | O> {
    for (let tries = 0; isWanted(); tries++) {
      try {
        return await call();
      } catch (error) {
        if (!isWanted()) break;
        if (!(error instanceof BusError && error.retryable)) throw error;
        await this.#options.connection.backoff.wait(tries);
      }
    }
    return otherwise;
  }

  async #end(error: unknown): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.#ownership.end();
    await this.#leave().catch(() => {});
    if (!this.#closed) this.#options.onEnded(error);
  }
}
