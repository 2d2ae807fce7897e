import type { IncomingRecord } from "@org/bus-core";
import type { Cluster } from "../client/cluster.js";
import { faultOf, mayPass, ProtocolFault } from "../client/faults.js";
import type { Answer, Arguments } from "../client/requests.js";
import { nameOf } from "../client/topic-partitions.js";
import type { ConsumerTuning } from "../options/options.js";
import type { OwnedPartition } from "./owned-partition.js";
import { toRecords } from "./to-records.js";
import { type FetchedPartition, visibleBatches } from "./visible-batches.js";

const READ_COMMITTED = 1;
const ANY_BYTES = 1;
/** Without a session the broker remembers nothing between fetches (KIP-227). */
const NO_SESSION = 0;
const FINAL_EPOCH = -1;
const ANY_LEADER_EPOCH = -1;
/** A quarter of the default for a fetch, so that no partition has it to itself. */
const MOST_PARTITION_BYTES = 1 << 18;
/** How long a topic may stay unknown to a broker: one that has just started does not know all of them yet. */
const MISSING_GRACE_MS = 1_000;
const MISSING = ["UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID"];

export interface FetcherOptions {
  readonly cluster: Cluster;
  readonly tuning: ConsumerTuning;
  /** Returns at once, never throws. `records` is not empty. */
  readonly onRecords: (owned: OwnedPartition, records: readonly IncomingRecord[], logEnd: number) => void;
  /** The offset to be read next is not in the log. The partition is not read any more. */
  readonly onOutOfRange: (owned: OwnedPartition) => void;
  /** What ends the session. */
  readonly onFault: (error: unknown) => void;
}

/** A partition that is read. */
interface Source {
  readonly owned: OwnedPartition;
  /** A topic that is deleted and created again has another. */
  topicId: string | undefined;
  failures: number;
  waiting: boolean;
}

interface Requested {
  readonly source: Source;
  readonly offset: number;
}

/** Reads partitions: one fetch at a time from each broker, for all that it leads and nobody has paused. */
export class Fetcher {
  readonly #options: FetcherOptions;
  /** The one whose turn comes first in front. */
  readonly #sources = new Map<string, Source>();
  readonly #busy = new Set<number>();
  readonly #stopped = new AbortController();
  #learning = false;
  #learningFailures = 0;
  #missingSince: number | undefined;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  add(partitions: readonly OwnedPartition[]): void {
    for (const owned of partitions) this.#sources.set(nameOf(owned), { owned, topicId: undefined, failures: 0, waiting: false });
    this.wake();
  }

  remove(partitions: Iterable<OwnedPartition>): void {
    for (const owned of partitions) if (this.#sources.get(nameOf(owned))?.owned === owned) this.#sources.delete(nameOf(owned));
  }

  stop(): void {
    this.#stopped.abort();
    this.#sources.clear();
  }

  /** To be called when a partition is not paused any more. */
  wake(): void {
    if (this.#stopped.signal.aborted) return;
    const byBroker = new Map<number, Source[]>();
    const leaderless = new Set<string>();
    for (const source of this.#sources.values()) {
      const { owned } = source;
      if (owned.paused || source.waiting) continue;
      const leader = this.#options.cluster.layout.leader(owned);
      const led = leader === undefined ? undefined : byBroker.get(leader);
      if (leader === undefined) leaderless.add(owned.topic);
      else if (led === undefined) byBroker.set(leader, [source]);
      else led.push(source);
    }
    if (leaderless.size > 0 && !this.#learning) void this.#learn(leaderless);
    for (const [broker, sources] of byBroker) if (!this.#busy.has(broker)) void this.#fetch(broker, sources);
  }

  async #learn(topics: ReadonlySet<string>): Promise<void> {
    const { cluster } = this.#options;
    this.#learning = true;
    try {
      const found = await cluster.layout.refresh(topics);
      for (const topic of found.values()) if (topic instanceof ProtocolFault) this.#unknown(topic);
      const led = [...this.#sources.values()].every(({ owned }) => cluster.layout.leader(owned) !== undefined);
      this.#learningFailures = led ? 0 : this.#learningFailures + 1;
      if (led) this.#missingSince = undefined;
    } catch (error) {
      this.#learningFailures++;
      if (!mayPass(error)) return this.#fail(error);
    }
    if (this.#learningFailures > 0) await cluster.wait(this.#learningFailures - 1, Number.POSITIVE_INFINITY, this.#stopped.signal);
    this.#learning = false;
    this.wake();
  }

  #unknown(fault: ProtocolFault): void {
    if (!MISSING.includes(fault.type)) {
      if (!fault.retriable) this.#fail(fault);
      return;
    }
    const now = this.#options.cluster.timing.clock.now();
    this.#missingSince ??= now;
    if (now - this.#missingSince >= MISSING_GRACE_MS) this.#fail(fault);
  }

  async #fetch(broker: number, sources: readonly Source[]): Promise<void> {
    const { cluster, tuning } = this.#options;
    const requested = new Map<string, Requested>();
    const topics = this.#request(sources, requested);
    if (topics.length === 0) return;
    this.#busy.add(broker);
    try {
      const { maxWaitMs, maxFetchBytes } = tuning;
      const to = { broker, lane: "fetch" } as const;
      const fetched = cluster.client.request(
        to,
        "Fetch",
        maxWaitMs,
        ANY_BYTES,
        maxFetchBytes,
        READ_COMMITTED,
        NO_SESSION,
        FINAL_EPOCH,
        topics,
        [],
        "",
      );
      this.#receive(await fetched, requested);
    } catch (error) {
      if (!mayPass(error)) return this.#fail(error);
      for (const { source } of requested.values()) this.#retryLater(source);
    } finally {
      this.#busy.delete(broker);
    }
    this.wake();
  }

  #request(sources: readonly Source[], requested: Map<string, Requested>): Arguments<"Fetch">[6] {
    const { cluster, tuning } = this.#options;
    const topics = new Map<string, Arguments<"Fetch">[6][number]>();
    for (const source of sources) {
      const { topic, partition, next } = source.owned;
      const topicId = cluster.layout.topic(topic)?.topicId;
      if (topicId === undefined) continue;
      source.topicId ??= topicId;
      if (source.topicId !== topicId) {
        this.#fail(new ProtocolFault("UNKNOWN_TOPIC_ID", true, `topic ${topic} was deleted and created again`));
        return [];
      }
      const ofTopic = topics.get(topicId) ?? { topicId, partitions: [] };
      ofTopic.partitions.push({
        partition,
        currentLeaderEpoch: ANY_LEADER_EPOCH,
        fetchOffset: BigInt(next),
        lastFetchedEpoch: ANY_LEADER_EPOCH,
        partitionMaxBytes: Math.min(tuning.maxFetchBytes, MOST_PARTITION_BYTES),
      });
      topics.set(topicId, ofTopic);
      requested.set(`${topicId}/${partition}`, { source, offset: next });
    }
    return [...topics.values()];
  }

  #receive(answer: Answer<"Fetch">, requested: ReadonlyMap<string, Requested>): void {
    const fault = faultOf(answer.errorCode);
    if (fault !== undefined) throw fault;
    for (const { topicId, partitions } of answer.responses) {
      for (const fetched of partitions) {
        const found = requested.get(`${topicId}/${fetched.partitionIndex}`);
        // what was given up or sought meanwhile is not asked for any more
        if (found === undefined || !this.#isCurrent(found)) continue;
        this.#receivePartition(found.source, fetched);
      }
    }
  }

  #isCurrent({ source, offset }: Requested): boolean {
    return this.#sources.get(nameOf(source.owned)) === source && source.owned.next === offset;
  }

  #receivePartition(source: Source, fetched: FetchedPartition): void {
    const { owned } = source;
    const fault = faultOf(fetched.errorCode);
    if (fault?.type === "OFFSET_OUT_OF_RANGE") {
      this.remove([owned]);
      this.#options.onOutOfRange(owned);
      return;
    }
    if (fault !== undefined) {
      if (fault.retriable || MISSING.includes(fault.type)) this.#retryLater(source);
      else this.#fail(fault);
      return;
    }
    source.failures = 0;
    const last = fetched.records?.at(-1);
    if (last === undefined) return;
    // the others come first next time
    this.#sources.delete(nameOf(owned));
    this.#sources.set(nameOf(owned), source);
    const from = owned.next;
    owned.next = Number(last.firstOffset) + last.lastOffsetDelta + 1;
    const records = visibleBatches(fetched).flatMap((batch) => toRecords(owned.topic, owned.partition, batch, from));
    // a broker notes its high watermark before it reads, so what was written meanwhile may be beyond it
    if (records.length > 0) this.#options.onRecords(owned, records, Math.max(Number(fetched.highWatermark), owned.next));
  }

  #retryLater(source: Source): void {
    const { cluster } = this.#options;
    cluster.layout.forget(source.owned.topic);
    source.waiting = true;
    void cluster.wait(source.failures++, Number.POSITIVE_INFINITY, this.#stopped.signal).then(() => {
      source.waiting = false;
      this.wake();
    });
  }

  #fail(error: unknown): void {
    if (this.#stopped.signal.aborted) return;
    this.stop();
    this.#options.onFault(error);
  }
}
