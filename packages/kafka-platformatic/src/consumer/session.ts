import {
  BusError,
  type CommitRequest,
  type IncomingRecord,
  type Logger,
  type PartitionEpoch,
  type TopicPartition,
  type TransportConsumerOptions,
} from "@org/bus-core";
import { type ConsumerSession, messageOf, type SessionOwner } from "@org/bus-core/internal";
import type { Cluster } from "../client/cluster.js";
import { Coordinator } from "../client/coordinator.js";
import { mayPass, ProtocolFault } from "../client/faults.js";
import { nameOf } from "../client/topic-partitions.js";
import { ClassicMembership } from "../group/classic-membership.js";
import { ConsumerMembership } from "../group/consumer-membership.js";
import type { Membership, MembershipListener } from "../group/membership.js";
import { EARLIEST, LATEST, logOffsets } from "../offsets/log-offsets.js";
import type { ConsumerTuning } from "../options/options.js";
import { CommitQueue } from "./commit-queue.js";
import { Fetcher } from "./fetcher.js";
import { OwnedPartition } from "./owned-partition.js";
import { startPositions } from "./start-positions.js";
import { PartitionTurns } from "./turns.js";

export interface SessionOptions extends SessionOwner {
  readonly cluster: Cluster;
  readonly tuning: ConsumerTuning;
  readonly consumer: TransportConsumerOptions;
  readonly logger: Logger;
  readonly uniqueId: () => string;
}

/** One membership of the group: brings what the listener holds in line with what the group assigns. */
export class Session implements ConsumerSession, MembershipListener {
  readonly #options: SessionOptions;
  readonly #coordinator: Coordinator;
  readonly #membership: Membership;
  readonly #fetcher: Fetcher;
  readonly #commits: CommitQueue;
  readonly #turns = new PartitionTurns();
  readonly #owned = new Map<string, OwnedPartition>();
  readonly #ended = new AbortController();
  /** What the group assigns; undefined before the first time. */
  #target: ReadonlySet<string> | undefined;
  #failed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { cluster, tuning, consumer, logger, uniqueId } = options;
    const { group, topics } = consumer;
    this.#coordinator = new Coordinator(cluster.client, "group", group);
    const Protocol = tuning.groupProtocol === "consumer" ? ConsumerMembership : ClassicMembership;
    this.#membership = new Protocol({ cluster, coordinator: this.#coordinator, group, topics, tuning, logger, uniqueId, listener: this });
    this.#commits = new CommitQueue({ cluster, membership: this.#membership, isOurs: (request) => this.#find(request) !== undefined });
    this.#fetcher = new Fetcher({
      cluster,
      tuning,
      onRecords: (owned, records, logEnd) => this.#deliver(owned, records, logEnd),
      onOutOfRange: (owned) => void this.#outOfRange(owned).catch((error: unknown) => this.#end(error)),
      onFault: (error) => this.#end(error),
    });
  }

  /** Joins the group. */
  open(): void {
    this.#membership.run().catch((error: unknown) => this.#end(error));
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    for (const partition of partitions) {
      const owned = this.#find(partition);
      if (owned !== undefined) owned.paused = true;
    }
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    for (const partition of partitions) {
      const owned = this.#find(partition);
      if (owned !== undefined) owned.paused = false;
    }
    this.#fetcher.wake();
  }

  position(partition: PartitionEpoch): number | undefined {
    return this.#find(partition)?.next;
  }

  commit(requests: readonly CommitRequest[]): Promise<void> {
    return this.#commits.commit(requests);
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.#ended.abort();
    this.#fetcher.stop();
    await this.#membership.leave();
    await this.#options.cluster.client.close();
  }

  owned(): readonly TopicPartition[] {
    return [...this.#owned.values()];
  }

  assigned(partitions: readonly TopicPartition[]): void {
    if (this.#over || this.#failed) return;
    const isFirst = this.#target === undefined;
    this.#target = new Set(partitions.map(nameOf));
    const leaving = [...this.#owned.values()].filter((owned) => owned.state !== "leaving" && !this.#target?.has(nameOf(owned)));
    if (leaving.length > 0) void this.#release(leaving);
    this.#take(partitions, isFirst);
  }

  lost(): void {
    this.#target = undefined;
    this.#lose([...this.#owned.values()]);
  }

  get #over(): boolean {
    return this.#ended.signal.aborted;
  }

  #find(partition: PartitionEpoch): OwnedPartition | undefined {
    const owned = this.#owned.get(nameOf(partition));
    return owned?.epoch === partition.epoch ? owned : undefined;
  }

  #isStill(owned: OwnedPartition): boolean {
    return !this.#over && this.#owned.get(nameOf(owned)) === owned;
  }

  /** Takes those of `partitions` that are assigned and not held. */
  #take(partitions: readonly TopicPartition[], evenNone: boolean): void {
    const coming = partitions.filter((each) => this.#target?.has(nameOf(each)) && !this.#owned.has(nameOf(each)));
    if (coming.length === 0 && !evenNone) return;
    const epoch = this.#options.nextEpoch();
    const arriving = coming.map(({ topic, partition }) => new OwnedPartition(topic, partition, epoch));
    for (const owned of arriving) this.#owned.set(nameOf(owned), owned);
    this.#announce(arriving).catch((error: unknown) => this.#end(error));
  }

  async #announce(arriving: readonly OwnedPartition[]): Promise<void> {
    const positions = await this.#positions(arriving);
    await this.#turns.take(arriving, async () => {
      const assigned = positions.filter((position) => this.#find(position)?.state === "arriving");
      if (this.#over) return;
      if (assigned.length === 0) {
        // there is nothing to tell of an assignment without partitions; of one whose partitions are gone by now, neither
        if (arriving.length === 0) this.#options.onAssigned();
        return;
      }
      const taken = assigned.flatMap((position) => this.#find(position) ?? []);
      assigned.forEach(({ position }, index) => {
        const owned = taken[index];
        if (owned !== undefined) Object.assign(owned, { next: position, state: "announced" });
      });
      if (assigned.length > 0) await this.#options.listener.assigned(assigned);
      const active = taken.filter((owned) => this.#isStill(owned) && owned.state === "announced");
      for (const owned of active) owned.state = "active";
      if (this.#over) return;
      this.#fetcher.add(active);
      this.#options.onAssigned();
    });
  }

  async #positions(arriving: readonly OwnedPartition[]): ReturnType<typeof startPositions> {
    const { cluster, consumer } = this.#options;
    for (let tries = 0; ; tries++) {
      // what was taken back meanwhile is not of interest any more
      const still = arriving.filter((owned) => this.#isStill(owned));
      try {
        return await startPositions(cluster, this.#coordinator, still, consumer);
      } catch (error) {
        this.#coordinator.failed(error);
        if (this.#over) return [];
        if (!mayPass(error)) throw error;
        await cluster.wait(tries, Number.POSITIVE_INFINITY, this.#ended.signal);
      }
    }
  }

  /** The group waits with handing on until the listener has given up what it holds. */
  async #release(leaving: readonly OwnedPartition[]): Promise<void> {
    this.#fetcher.remove(leaving);
    const known = leaving.filter(({ state }) => state !== "arriving");
    for (const owned of leaving) {
      if (owned.state === "arriving") this.#owned.delete(nameOf(owned));
      owned.state = "leaving";
    }
    if (known.length > 0) await this.#tellRevoked(known);
    if (this.#over || this.#failed) return;
    for (const owned of known) if (this.#isStill(owned)) this.#owned.delete(nameOf(owned));
    // some may have been assigned again meanwhile
    this.#take(leaving, false);
    if (leaving.some((owned) => !this.#target?.has(nameOf(owned)))) this.#membership.released();
    await this.#checkTopics(new Set(leaving.map(({ topic }) => topic)));
  }

  /** A broker that assigns takes away the partitions of a topic that was deleted, and says no more. */
  async #checkTopics(topics: Iterable<string>): Promise<void> {
    const found = await this.#options.cluster.layout.refresh(topics).catch(() => new Map<string, never>());
    for (const topic of found.values()) if (topic instanceof ProtocolFault && topic.type === "UNKNOWN_TOPIC_OR_PARTITION") this.#end(topic);
  }

  async #tellRevoked(leaving: readonly OwnedPartition[]): Promise<void> {
    const { listener, logger, consumer } = this.#options;
    try {
      await this.#turns.take(leaving, async () => {
        const revoked = leaving.filter((owned) => this.#isStill(owned));
        if (revoked.length > 0) await listener.revoked(revoked.map(({ asEpoch }) => asEpoch));
      });
    } catch (error) {
      logger.warn({ group: consumer.group, error: messageOf(error) }, "what was to be done before partitions move has failed");
    }
  }

  /** The partitions are gone: no commit of them counts any more. */
  #lose(partitions: readonly OwnedPartition[]): void {
    this.#fetcher.remove(partitions);
    for (const owned of partitions) this.#owned.delete(nameOf(owned));
    // the listener has been told to give up those that were leaving
    const told = partitions.filter(({ state }) => state === "announced" || state === "active");
    if (told.length === 0) return;
    void this.#turns.take(told, () => {
      if (!this.#over) this.#options.listener.lost(told.map(({ asEpoch }) => asEpoch));
    });
  }

  #deliver(owned: OwnedPartition, records: readonly IncomingRecord[], logEnd: number): void {
    if (!this.#isStill(owned) || owned.state !== "active") return;
    this.#options.listener.records({ ...owned.asEpoch, records, logEnd });
  }

  /** Records were deleted before they were read, or the log has lost its end. A leader that has just begun may answer so for a moment. */
  async #outOfRange(owned: OwnedPartition): Promise<void> {
    const { cluster, consumer } = this.#options;
    const bounds = async () => {
      await cluster.layout.refresh([owned.topic]);
      const [start, end] = await Promise.all([EARLIEST, LATEST].map((at) => logOffsets(cluster.client, cluster.layout, [owned], at)));
      return { logStart: start?.get(nameOf(owned)) ?? 0, logEnd: end?.get(nameOf(owned)) ?? 0 };
    };
    const { logStart, logEnd } = await cluster.persist("read the offsets of a topic", Number.POSITIVE_INFINITY, bounds, this.#ended.signal);
    if (!this.#isStill(owned) || owned.state !== "active") return;
    if (owned.next >= logStart && owned.next <= logEnd) return this.#fetcher.add([owned]);
    const { group, outOfRange } = consumer;
    const { topic, partition, next } = owned;
    const fields = { topic, partition, group, next, logStart, logEnd };
    if (outOfRange === "stop") {
      const message =
        `group ${group}: the offset to read next in ${topic}[${partition}] is not in the log; records were deleted before they were read: ` +
        'set outOfRange to "earliest" or "latest" to go on without them';
      throw new BusError("offset_out_of_range", message, { details: fields });
    }
    this.#options.logger.warn(fields, "the offset to read next is not in the log; the partition begins anew");
    this.#lose([owned]);
    this.#take([owned], false);
  }

  #end(error: unknown): void {
    if (this.#over || this.#failed) return;
    this.#failed = true;
    this.#fetcher.stop();
    const all = [...this.#owned.values()];
    this.#lose(all);
    // after what the listener is being told
    void this.#turns.take(all, async () => {
      if (this.#over) return;
      await this.close();
      this.#options.onEnded(error);
    });
  }
}
