import { BusError } from "../../errors.js";
import type { TopicPartition } from "../record.js";
import { startPosition } from "../start-position.js";
import type {
  AssignedPartition,
  CommitRequest,
  ConsumerListener,
  PartitionEpoch,
  RecordBatch,
  TransportConsumer,
  TransportConsumerOptions,
} from "../transport.js";
import { type MemoryBroker, unknownTopic } from "./broker.js";
import type { MemoryFaults } from "./faults.js";
import { Fetcher } from "./fetcher.js";
import type { ConsumerGroup, JoinResult, MemberLink } from "./group.js";
import type { MemoryConnection, Network } from "./network.js";
import type { PartitionLog } from "./partition-log.js";

/** A member of a consumer group. One loop holds its life: join, be assigned, wait for what happens, give up the partitions, join again. */
export class MemoryConsumer implements TransportConsumer {
  readonly #options: TransportConsumerOptions;
  readonly #broker: MemoryBroker;
  readonly #group: ConsumerGroup;
  readonly #network: Network;
  readonly #faults: MemoryFaults;
  readonly #fetcher: Fetcher;
  readonly #onClosed: () => void;
  #listener: ConsumerListener | undefined;
  #link: MemberLink | undefined;
  /** The group's generation that this member is in; 0 before it has joined. */
  #generation = 0;
  #epoch = 0;
  #assigned: readonly AssignedPartition[] = [];
  /** The commits that are out, one after the other; a join and the closing wait for them. Never rejects. */
  #commits: Promise<void> = Promise.resolve();
  /** What happened to the membership since the loop last looked. */
  #event: "rebalance" | "expelled" | undefined;
  #wake = () => {};
  #ended = false;

  constructor(options: TransportConsumerOptions, { broker, network, maxBatchRecords, faults }: MemoryConnection, onClosed: () => void) {
    this.#options = options;
    this.#broker = broker;
    this.#group = broker.group(options.group);
    this.#network = network;
    this.#faults = faults;
    this.#onClosed = onClosed;
    this.#fetcher = new Fetcher({
      group: options.group,
      outOfRange: options.outOfRange,
      maxBatchRecords,
      network,
      faults,
      onBatch: (batch) => this.#handOver(batch),
      onError: (error) => this.#stop(error),
    });
  }

  async start(listener: ConsumerListener): Promise<void> {
    if (this.#ended) throw new BusError("closed", "the consumer is closed");
    if (this.#listener !== undefined) throw new BusError("invalid_options", "the consumer was started before: create another one");
    this.#listener = listener;
    try {
      const unknown = await this.#network.call("connect", "transport_failed", this.#faults.connect?.(), () =>
        this.#options.topics.filter((topic) => this.#broker.topic(topic) === undefined),
      );
      if (unknown.length > 0) throw unknownTopic(unknown);
      await this.#join(listener);
    } catch (error) {
      this.#end();
      throw BusError.from(error, "transport_failed");
    }
    if (this.#ended) throw new BusError("closed", "the consumer was closed before it had joined");
    this.#liveOn(listener).catch((error: unknown) => this.#stop(error));
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    this.#fetcher.pause(partitions);
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    this.#fetcher.resume(partitions);
  }

  position(partition: PartitionEpoch): number | undefined {
    return this.#fetcher.position(partition);
  }

  async commit(requests: readonly CommitRequest[]): Promise<void> {
    if (this.#ended && !this.#network.crashed) throw new BusError("closed", "the consumer is closed");
    const current = requests.filter((request) => this.#isAssigned(request));
    const memberId = this.#link?.memberId;
    const { group } = this.#options;
    if (memberId !== undefined && current.length > 0) await this.#commit(memberId, current);
    if (current.length < requests.length) throw new BusError("fenced", `group ${group} has moved on: the epoch of a commit is over`);
  }

  async #commit(memberId: string, current: readonly CommitRequest[]): Promise<void> {
    const { group } = this.#options;
    const generation = this.#generation;
    const commit = this.#commits.then(() =>
      this.#network.call("commit", "transport_failed", this.#faults.commit?.({ group, requests: current }), () =>
        this.#group.commit(memberId, generation, current),
      ),
    );
    this.#commits = commit.catch(() => {});
    await commit;
  }

  async close(): Promise<void> {
    this.#fence();
    if (this.#network.crashed) return;
    await this.#commits;
    this.#end();
    await this.#network.travel();
    this.#onClosed();
  }

  /** The process is gone: the group notices when the session expires. @internal */
  crash(): void {
    this.#fence();
    const memberId = this.#link?.memberId;
    if (memberId !== undefined) this.#broker.clock.schedule(this.#broker.sessionTimeoutMs, () => this.#group.expel(memberId));
  }

  async #liveOn(listener: ConsumerListener): Promise<void> {
    while (!this.#ended) {
      while (this.#event === undefined && !this.#ended) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (!this.#ended) await this.#giveUp(listener);
      if (!this.#ended) await this.#join(listener);
    }
  }

  async #giveUp(listener: ConsumerListener): Promise<void> {
    const partitions = this.#assigned;
    this.#fetcher.stop();
    if (this.#event === "expelled") {
      this.#assigned = [];
      if (partitions.length > 0) listener.lost(partitions);
      return;
    }
    if (partitions.length > 0) await listener.revoked(partitions);
    this.#assigned = [];
  }

  /** Resolves when the next assignment has been delivered, or the consumer has ended. */
  async #join(listener: ConsumerListener): Promise<void> {
    await this.#commits;
    if (this.#event === "expelled") this.#link = undefined;
    let joined: JoinResult | undefined;
    while (joined === undefined) {
      if (this.#link === undefined) {
        this.#link = this.#createLink();
        this.#generation = 0;
      }
      this.#event = undefined;
      if (this.#network.hasLatency) await this.#network.travel();
      if (this.#ended) return;
      joined = await this.#group.join(this.#link, this.#generation);
      await this.#network.travel();
      if (this.#ended) return;
      if (joined === undefined) this.#link = undefined;
    }
    this.#generation = joined.generation;
    await this.#takeOver(joined.partitions, listener);
  }

  async #takeOver(partitions: readonly TopicPartition[], listener: ConsumerListener): Promise<void> {
    this.#epoch += 1;
    const readings = partitions.flatMap(({ topic, partition }) => {
      const log = this.#broker.log(topic, partition);
      return log === undefined ? [] : [{ log, assigned: this.#describe(log) }];
    });
    this.#assigned = readings.map(({ assigned }) => assigned);
    this.#fetcher.assign(readings);
    if (this.#assigned.length > 0) await listener.assigned(this.#assigned);
    if (!this.#ended) this.#fetcher.open();
  }

  #describe(log: PartitionLog): AssignedPartition {
    const { topic, partition, logStart, logEnd } = log;
    const { group, from, outOfRange } = this.#options;
    const committed = this.#group.committed(topic, partition);
    const offsetAtDate = from instanceof Date ? log.offsetAt(from.getTime()) : undefined;
    const position = startPosition({ topic, partition, group, committed, logStart, logEnd, from, outOfRange, offsetAtDate });
    return { topic, partition, epoch: this.#epoch, position, committed, logStart, logEnd };
  }

  /** A membership of its own: what the group still says to an earlier one is not heard. */
  #createLink(): MemberLink {
    const hear = (event: "rebalance" | "expelled") =>
      this.#network.deliver(() => {
        if (this.#link !== link) return;
        this.#event = event;
        this.#wake();
      });
    const link: MemberLink = {
      memberId: `memory-${this.#broker.nextClient()}`,
      topics: this.#options.topics,
      rebalancing: () => hear("rebalance"),
      expelled: () => hear("expelled"),
    };
    return link;
  }

  #isAssigned({ topic, partition, epoch }: PartitionEpoch): boolean {
    return this.#assigned.some((assigned) => assigned.epoch === epoch && assigned.partition === partition && assigned.topic === topic);
  }

  #handOver(batch: RecordBatch): void {
    try {
      this.#listener?.records(batch);
    } catch (error) {
      this.#stop(error);
    }
  }

  /** The consumer ends by itself. */
  #stop(error: unknown): void {
    if (this.#ended) return;
    this.#end();
    this.#listener?.stopped(BusError.from(error, "transport_failed"));
  }

  #end(): void {
    this.#fence();
    if (this.#link !== undefined) this.#group.leave(this.#link.memberId);
  }

  /** From here on the listener hears nothing. */
  #fence(): void {
    this.#ended = true;
    this.#fetcher.stop();
    this.#wake();
  }
}
