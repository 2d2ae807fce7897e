import { BusError } from "../../errors.js";
import type { Logger } from "../../logger.js";
import type { OwnedPartition } from "../ownership/owned-partition.js";
import { Ownership } from "../ownership/ownership.js";
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

/** The transport has no log: what is not given up in time, the engine above says too. */
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A member of a consumer group. One loop holds its life: join, be assigned, wait for what happens, join again. */
export class MemoryConsumer implements TransportConsumer {
  readonly #options: TransportConsumerOptions;
  readonly #broker: MemoryBroker;
  readonly #group: ConsumerGroup;
  readonly #network: Network;
  readonly #faults: MemoryFaults;
  readonly #fetcher: Fetcher;
  readonly #onClosed: () => void;
  #listener: ConsumerListener | undefined;
  #ownership: Ownership | undefined;
  #link: MemberLink | undefined;
  /** The group's generation that this member is in; 0 before it has joined. */
  #generation = 0;
  #epoch = 0;
  /** The commits that are out, one after the other; a join and the closing wait for them. Never rejects. */
  #commits: Promise<void> = Promise.resolve();
  /** The join that is out. Never rejects. */
  #joining: Promise<void> = Promise.resolve();
  /** The member is to join again. */
  #wanted = false;
  #wake = () => {};
  #settleStart: (error?: unknown) => void = () => {};
  #hasStarted = false;
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
      logOf: ({ topic, partition }) => broker.log(topic, partition),
      maxBatchRecords,
      network,
      faults,
      onBatch: (batch) => this.#handOver(batch),
      onOutOfRange: (owned) => this.#ownership?.restart(owned),
      onError: (error) => this.#stop(error),
    });
  }

  async start(listener: ConsumerListener): Promise<void> {
    if (this.#ended) throw new BusError("closed", "the consumer is closed");
    if (this.#listener !== undefined) throw new BusError("invalid_options", "the consumer was started before: create another one");
    this.#listener = listener;
    this.#ownership = this.#createOwnership(listener);
    try {
      const unknown = await this.#network.call("connect", "transport_failed", this.#faults.connect?.(), () =>
        this.#options.topics.filter((topic) => this.#broker.topic(topic) === undefined),
      );
      if (unknown.length > 0) throw unknownTopic(unknown);
      await new Promise<void>((resolve, reject) => {
        this.#settleStart = (error) => (error === undefined ? resolve() : reject(error));
        this.#live(this.#ownership as Ownership).catch((error: unknown) => this.#stop(error));
      });
    } catch (error) {
      this.#end();
      throw BusError.from(error, "transport_failed");
    }
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    this.#setPaused(partitions, true);
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    this.#setPaused(partitions, false);
  }

  position(partition: PartitionEpoch): number | undefined {
    return this.#find(partition)?.next;
  }

  async commit(requests: readonly CommitRequest[]): Promise<void> {
    if (this.#ended && !this.#network.crashed) throw new BusError("closed", "the consumer is closed");
    const commit = this.#commits.then(() => this.#write(requests));
    this.#commits = commit.catch(() => {});
    await commit;
  }

  async close(): Promise<void> {
    this.#fence();
    this.#settleStart(new BusError("closed", "the consumer was closed before it had joined"));
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

  #createOwnership(listener: ConsumerListener): Ownership {
    return new Ownership({
      listener,
      clock: this.#network.clock,
      logger: silent,
      revocationLimitMs: this.#broker.rebalanceTimeoutMs,
      nextEpoch: () => ++this.#epoch,
      startPositions: async (partitions) => partitions.flatMap((owned) => this.#describe(owned) ?? []),
      onChange: (partitions) => this.#fetcher.follow(partitions),
      onReleased: () => this.#rejoin(),
      onAssigned: () => {
        this.#hasStarted = true;
        this.#settleStart();
      },
      onFailed: (error) => this.#stop(error),
    });
  }

  async #live(ownership: Ownership): Promise<void> {
    while (!this.#ended) {
      this.#joining = this.#join(ownership);
      await this.#joining;
      while (!this.#wanted && !this.#ended) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      await this.#commits;
    }
  }

  /** Resolves when the next assignment is known, or the consumer has ended. */
  async #join(ownership: Ownership): Promise<void> {
    let joined: JoinResult | undefined;
    while (joined === undefined) {
      if (this.#link === undefined) {
        this.#link = this.#createLink(ownership);
        this.#generation = 0;
      }
      const link = this.#link;
      this.#wanted = false;
      const owned = ownership.owned();
      if (this.#network.hasLatency) await this.#network.travel();
      if (this.#ended) return;
      joined = await this.#group.join(link, this.#generation, owned);
      await this.#network.travel();
      if (this.#ended) return;
      // a membership that has ended meanwhile owns nothing
      if (this.#link !== link) joined = undefined;
      else if (joined === undefined) this.#expelled(ownership);
    }
    this.#generation = joined.generation;
    ownership.assigned(joined.partitions, true);
  }

  /** All that is still owned, and then refuses the rest. */
  async #write(requests: readonly CommitRequest[]): Promise<void> {
    const current = requests.filter((request) => this.#find(request) !== undefined);
    if (current.length > 0) await this.#writeOwned(current);
    if (current.length < requests.length) throw this.#fenced();
  }

  async #writeOwned(requests: readonly CommitRequest[]): Promise<void> {
    const { group } = this.#options;
    for (;;) {
      const current = requests.filter((request) => this.#find(request) !== undefined);
      const [memberId, generation] = [this.#link?.memberId ?? "", this.#generation];
      if (current.length < requests.length) throw this.#fenced();
      try {
        return await this.#network.call("commit", "transport_failed", this.#faults.commit?.({ group, requests: current }), () =>
          this.#group.commit(memberId, generation, current),
        );
      } catch (error) {
        if (!(error instanceof BusError && error.code === "fenced")) throw error;
        // what is still owned when the group has gone on can be committed in the next generation
        await this.#joining;
        if (this.#generation === generation || this.#link?.memberId !== memberId) throw error;
      }
    }
  }

  #fenced(): BusError {
    return new BusError("fenced", `group ${this.#options.group} has moved on: the epoch of a commit is over, and its offset was not committed`);
  }

  #describe(owned: OwnedPartition): AssignedPartition | undefined {
    const { topic, partition, epoch, next } = owned;
    const log = this.#broker.log(topic, partition);
    if (log === undefined) return undefined;
    const { logStart, logEnd } = log;
    const { group, from, offsets, outOfRange } = this.#options;
    const committed = this.#group.committed(topic, partition);
    const offsetAtDate = from instanceof Date ? log.offsetAt(from.getTime()) : undefined;
    // one that begins anew goes on from where it was, whatever was committed of it
    const goesOnAt = next === undefined ? committed : { offset: next, metadata: "" };
    const position = startPosition({ topic, partition, group, committed: goesOnAt, logStart, logEnd, from, offsets, outOfRange, offsetAtDate });
    return { topic, partition, epoch, position, committed, logStart, logEnd };
  }

  /** A membership of its own: what the group still says to an earlier one is not heard. */
  #createLink(ownership: Ownership): MemberLink {
    const hear = (event: () => void) =>
      this.#network.deliver(() => {
        if (this.#link === link && !this.#ended) event();
      });
    const link: MemberLink = {
      memberId: `memory-${this.#broker.nextClient()}`,
      topics: this.#options.topics,
      rebalancing: () => hear(() => this.#rejoin()),
      expelled: () => hear(() => this.#expelled(ownership)),
    };
    return link;
  }

  #expelled(ownership: Ownership): void {
    this.#link = undefined;
    ownership.expelled();
    this.#rejoin();
  }

  #rejoin(): void {
    this.#wanted = true;
    this.#wake();
  }

  #find(request: PartitionEpoch): OwnedPartition | undefined {
    const owned = this.#ownership?.find(request);
    return owned?.epoch === request.epoch ? owned : undefined;
  }

  #setPaused(partitions: readonly PartitionEpoch[], paused: boolean): void {
    const changed = partitions.flatMap((partition) => this.#find(partition) ?? []);
    for (const owned of changed) owned.paused = paused;
    this.#fetcher.follow(changed);
  }

  #handOver(batch: RecordBatch): void {
    try {
      this.#listener?.records(batch);
    } catch (error) {
      this.#stop(error);
    }
  }

  /** The consumer ends by itself: before it has started by a rejected start. */
  #stop(error: unknown): void {
    if (this.#ended) return;
    this.#end();
    const failure = BusError.from(error, "transport_failed");
    if (this.#hasStarted) this.#listener?.stopped(failure);
    else this.#settleStart(failure);
  }

  #end(): void {
    this.#fence();
    if (this.#link !== undefined) this.#group.leave(this.#link.memberId);
  }

  /** From here on the listener hears nothing. */
  #fence(): void {
    this.#ended = true;
    this.#ownership?.close();
    this.#fetcher.stop();
    this.#wake();
  }
}
