import type { RecordBatch, TopicPartition } from "@org/bus-core";
import type { OwnedPartition } from "@org/bus-core/internal";
import type { Consumer, EachBatchPayload, InstrumentationEvent } from "kafkajs";
import { Wakeup } from "../client/wakeup.js";
import type { StandInCoordinator } from "../group/stand-in-coordinator.js";
import { toRecord } from "./to-record.js";

export interface FetcherOptions {
  readonly consumer: Consumer;
  readonly standIn: StandInCoordinator;
  readonly topics: readonly string[];
  readonly find: (partition: TopicPartition) => OwnedPartition | undefined;
  readonly all: () => readonly OwnedPartition[];
  readonly onBatch: (batch: RecordBatch) => void;
  /** kafkajs has stopped by itself. */
  readonly onCrash: (error: unknown) => void;
}

/** Drives kafkajs to fetch what is owned and not paused, from where it is to be read next. */
export class Fetcher {
  readonly #options: FetcherOptions;
  #running: Promise<void> = Promise.resolve();
  #closed = false;
  /** Not to be fetched until it is known what is wrong with the place from which they were. */
  readonly #held = new Set<OwnedPartition>();
  readonly #wakeup = new Wakeup();

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /** Connects, and fetches as soon as the stand-in gives something, which it can do after `onConnected`. */
  open(onConnected: () => void): void {
    const { consumer, all, onCrash } = this.#options;
    const { GROUP_JOIN, START_BATCH_PROCESS, CRASH } = consumer.events;
    // called in the middle of the join: nothing is fetched before it returns, and kafkajs has just forgotten where it was
    consumer.on(GROUP_JOIN, () => this.follow(all()));
    consumer.on(START_BATCH_PROCESS, (event) => this.#skipUndelivered(event));
    consumer.on(CRASH, ({ payload }) => onCrash(payload.error));
    this.#running = this.#run(onConnected);
  }

  /** Takes up a change of what is owned. */
  follow(partitions: readonly OwnedPartition[]): void {
    for (const owned of partitions) if (owned.state === "reading") this.seek(owned);
    this.followPauses(partitions);
  }

  /** Fetches nothing of a partition until it is released. False when that is so already. */
  hold(owned: OwnedPartition): boolean {
    if (this.#held.has(owned)) return false;
    this.#held.add(owned);
    this.followPauses([owned]);
    return true;
  }

  release(owned: OwnedPartition): void {
    this.#held.delete(owned);
    this.follow([owned]);
  }

  followPauses(partitions: readonly OwnedPartition[]): void {
    for (const [fetched, what] of [
      [false, "pause"],
      [true, "resume"],
    ] as const) {
      const changed = partitions.filter((owned) => this.#isFetched(owned) === fetched);
      this.#control((consumer) => consumer[what](changed.map(({ topic, partition }) => ({ topic, partitions: [partition] }))));
    }
    this.wake();
  }

  /** Makes kafkajs read on from `next`. */
  seek({ topic, partition, next }: OwnedPartition): void {
    if (next !== undefined) this.#control((consumer) => consumer.seek({ topic, partition, offset: String(next) }));
  }

  /** Ends the wait for a partition that is not paused. */
  wake(): void {
    this.#wakeup.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.wake();
    this.#options.standIn.close();
    await this.#running;
    await this.#options.consumer.disconnect();
  }

  async #run(onConnected: () => void): Promise<void> {
    const { consumer, topics, onCrash } = this.#options;
    try {
      await consumer.connect();
      if (this.#closed) return;
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      if (this.#closed) return;
      onConnected();
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: (payload) => this.#eachBatch(payload) });
    } catch (error) {
      onCrash(error);
    }
  }

  async #eachBatch({ batch, resolveOffset }: EachBatchPayload): Promise<void> {
    const owned = this.#options.find(batch);
    const last = batch.messages.at(-1);
    if (owned?.state !== "reading" || owned.next === undefined || last === undefined) return;
    if (!startsAt(batch, owned.next)) return this.seek(owned);
    owned.next = Number(batch.lastOffset()) + 1;
    resolveOffset(last.offset);
    const { topic, partition, epoch } = owned;
    const records = batch.messages.map((message) => toRecord(topic, partition, message));
    // a broker notes its high watermark before it reads, so what was written meanwhile may be beyond it
    const logEnd = Math.max(Number(batch.highWatermark), owned.next);
    this.#options.onBatch({ topic, partition, epoch, records, logEnd });
    await this.#holdWhilePaused();
  }

  /** With all partitions paused kafkajs would sleep for the whole time of a fetch, whatever is resumed meanwhile. */
  async #holdWhilePaused(): Promise<void> {
    const { all, standIn } = this.#options;
    while (!this.#closed && !standIn.isAhead && !all().some((owned) => this.#isFetched(owned))) await this.#wakeup.wait();
  }

  /** Control records and records of aborted transactions are passed over inside kafkajs. */
  #skipUndelivered({ payload }: InstrumentationEvent<{ topic: string; partition: number; batchSize: number; lastOffset: string }>): void {
    if (payload.batchSize > 0) return;
    const owned = this.#options.find(payload);
    if (owned?.next !== undefined) owned.next = Math.max(owned.next, Number(payload.lastOffset) + 1);
  }

  #isFetched(owned: OwnedPartition): boolean {
    return owned.isFetched && !this.#held.has(owned);
  }

  #control(call: (consumer: Consumer) => void): void {
    try {
      call(this.#options.consumer);
    } catch {
      // kafkajs has not begun, or has stopped and says why by an event that is on its way
    }
  }
}

// `fetchedOffset` is a property of kafkajs's batches that its types leave out
function startsAt(batch: object, offset: number): boolean {
  return !("fetchedOffset" in batch) || Number(batch.fetchedOffset) === offset;
}
