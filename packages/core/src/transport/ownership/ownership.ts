import { type Clock, sleep } from "../../clock.js";
import type { Logger } from "../../logger.js";
import { partitionName, type TopicPartition } from "../record.js";
import type { AssignedPartition, ConsumerListener } from "../transport.js";
import { OwnedPartition } from "./owned-partition.js";

export interface OwnershipOptions {
  readonly listener: ConsumerListener;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the listener may take to give partitions up. */
  readonly revocationLimitMs: number;
  /** A number that no assignment of the consumer had. */
  readonly nextEpoch: () => number;
  /** Where partitions start; asked again until it knows, or `isWanted` no more. */
  readonly startPositions: (partitions: readonly OwnedPartition[], isWanted: () => boolean) => Promise<readonly AssignedPartition[]>;
  /** The state of partitions has changed. */
  readonly onChange: (partitions: readonly OwnedPartition[]) => void;
  /** Something was given up: the group can assign it anew. */
  readonly onReleased: () => void;
  /** The listener has taken an assignment. */
  readonly onAssigned: () => void;
  /** What ends the membership: by itself, or because the listener or the start positions have failed. */
  readonly onFailed: (error: unknown) => void;
}

/** What a member owns, and what its listener is told of it: for each partition one call at a time, in the order of what happens. */
export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #partitions = new Map<string, Map<number, OwnedPartition>>();
  /** By name, what the listener is being told to give up. */
  readonly #revoking = new Map<string, Promise<void>>();
  #announcing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  find({ topic, partition }: TopicPartition): OwnedPartition | undefined {
    return this.#partitions.get(topic)?.get(partition);
  }

  all(): OwnedPartition[] {
    return [...this.#partitions.values()].flatMap((ofTopic) => [...ofTopic.values()]);
  }

  owned(): readonly TopicPartition[] {
    // the longer it is ours, the more is kept where it is; what is leaving, goes
    const order = ({ state, epoch }: OwnedPartition) => (state === "leaving" ? Number.POSITIVE_INFINITY : epoch);
    return this.all().toSorted((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
  }

  assigned(partitions: readonly TopicPartition[], respected: boolean): void {
    if (this.#closed) return;
    const given = new Set(partitions.map(partitionName));
    const missing: OwnedPartition[] = [];
    for (const owned of this.all()) {
      owned.again = owned.state === "leaving" && given.has(partitionName(owned));
      if (!given.has(partitionName(owned)) && (owned.state !== "leaving" || !respected)) missing.push(owned);
    }
    if (respected) void this.#revoke(missing);
    else this.#lose(missing);
    this.#announce(partitions.filter((partition) => this.find(partition) === undefined));
  }

  async giveUpAll(): Promise<void> {
    for (let all = this.all(); all.length > 0 && !this.#closed; all = this.all()) {
      await Promise.all([this.#revoke(all.filter(({ state }) => state !== "leaving")), ...all.map(({ told }) => told)]);
    }
  }

  expelled(): void {
    this.#lose(this.all());
  }

  failed(error: unknown): void {
    if (!this.#closed) this.#options.onFailed(error);
  }

  /** `next` is not in the log any more: the partition ends here, and begins anew where the policy says. */
  restart(partition: OwnedPartition): void {
    if (partition.state === "gone" || this.#closed) return;
    this.#lose([partition]);
    this.#announce([partition], partition.next);
  }

  /** All is lost. Resolves when the listener has been told. */
  async end(): Promise<void> {
    const all = this.all();
    this.#lose(all);
    await Promise.all([...all.map(({ told }) => told), this.#announcing]);
  }

  /** From here on the listener hears nothing. */
  close(): void {
    this.#closed = true;
    this.#change(this.all(), "gone");
  }

  #announce(partitions: readonly TopicPartition[], next?: number): void {
    const epoch = partitions.length === 0 ? 0 : this.#options.nextEpoch();
    const started = partitions.map(({ topic, partition }) => new OwnedPartition(topic, partition, epoch, next));
    for (const owned of started) this.#partitions.set(owned.topic, (this.#partitions.get(owned.topic) ?? new Map()).set(owned.partition, owned));
    this.#options.onChange(started);
    // the group may have gone on without this member, and given it the same again, before the listener has given it up
    const before = Promise.all(started.map((owned) => this.#revoking.get(partitionName(owned))));
    this.#announcing = Promise.all([this.#announcing, before])
      .then(() => this.#tellAssigned(started))
      .catch((error: unknown) => this.failed(error));
  }

  async #tellAssigned(partitions: readonly OwnedPartition[]): Promise<void> {
    const { listener, startPositions, onAssigned } = this.#options;
    const wanted = () => partitions.filter(({ state }) => state === "starting");
    const isWanted = () => !this.#closed && wanted().length > 0;
    const positions = isWanted() ? await startPositions(wanted(), isWanted) : [];
    const assigned: AssignedPartition[] = [];
    const owned: OwnedPartition[] = [];
    for (const each of positions) {
      const found = this.find(each);
      if (found?.epoch !== each.epoch || found.state !== "starting") continue;
      found.next = each.position;
      found.announced = true;
      assigned.push(each);
      owned.push(found);
    }
    if (this.#closed) return;
    if (owned.length > 0) {
      const told = Promise.resolve(listener.assigned(assigned));
      for (const each of owned) each.told = told;
      await told;
      this.#change(
        owned.filter(({ state }) => state === "starting"),
        "reading",
      );
    }
    if (!this.#closed) onAssigned();
  }

  /** Resolves when the partitions are given up. */
  async #revoke(partitions: readonly OwnedPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    this.#change(partitions, "leaving");
    const announced = partitions.filter((owned) => owned.announced);
    const before = Promise.all(announced.map(({ told }) => told));
    const told = before.then(() => this.#tellRevoked(announced)).catch((error: unknown) => this.#warn(error));
    for (const each of partitions) {
      each.told = told;
      this.#revoking.set(partitionName(each), told);
    }
    await told;
    for (const each of partitions) if (this.#revoking.get(partitionName(each)) === told) this.#revoking.delete(partitionName(each));
    const again = partitions.filter((owned) => owned.state === "leaving" && owned.again);
    this.#remove(partitions);
    if (this.#closed) return;
    if (again.length > 0) this.#announce(again);
    if (again.length < partitions.length) this.#options.onReleased();
  }

  async #tellRevoked(partitions: readonly OwnedPartition[]): Promise<void> {
    const leaving = partitions.filter(({ state }) => state === "leaving");
    if (this.#closed || leaving.length === 0) return;
    const { listener, clock, logger, revocationLimitMs } = this.#options;
    for (const owned of leaving) owned.revoked = true;
    const done = new AbortController();
    const revoked = listener.revoked(leaving.map((owned) => owned.toPartitionEpoch)).finally(() => done.abort());
    const late = sleep(clock, revocationLimitMs, done.signal).then(() => {
      if (!done.signal.aborted)
        logger.warn({ partitions: leaving.map(partitionName), revocationLimitMs }, "partitions were not given up in time and are taken away");
    });
    await Promise.race([revoked, late]);
  }

  #lose(partitions: readonly OwnedPartition[]): void {
    const announced = partitions.filter(({ announced, revoked }) => announced && !revoked);
    this.#remove(partitions);
    if (announced.length === 0) return;
    const before = Promise.all(announced.map(({ told }) => told));
    const told = before
      .then(() => {
        if (!this.#closed) this.#options.listener.lost(announced.map((owned) => owned.toPartitionEpoch));
      })
      .catch((error: unknown) => this.#warn(error));
    for (const each of announced) each.told = told;
    // what comes next of these partitions is told after that
    this.#announcing = this.#announcing.then(() => told);
  }

  #remove(partitions: readonly OwnedPartition[]): void {
    for (const owned of partitions) if (this.find(owned) === owned) this.#partitions.get(owned.topic)?.delete(owned.partition);
    this.#change(partitions, "gone");
  }

  #change(partitions: readonly OwnedPartition[], state: OwnedPartition["state"]): void {
    for (const owned of partitions) owned.state = state;
    if (partitions.length > 0) this.#options.onChange(partitions);
  }

  #warn(error: unknown): void {
    this.#options.logger.warn({ error: String(error) }, "what was to be done before partitions move has failed");
  }
}
