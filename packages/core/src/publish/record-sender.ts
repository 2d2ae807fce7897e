import type { Clock } from "../clock.js";
import { sleep } from "../clock.js";
import { startSendSpans } from "../context/publish-spans.js";
import { BusError } from "../errors.js";
import type { Logger } from "../logger.js";
import type { OutgoingRecord } from "../transport/record.js";
import type { SendOutcome, Transport, TransportProducer } from "../transport/transport.js";
import { DeliveryDeadlines } from "./delivery-deadlines.js";
import { deliveryTimedOut, publishAborted, publishFailed, recordTooLarge, unknownTopic } from "./errors.js";
import type { ResolvedPublisherOptions } from "./options.js";
import { partitionForKey, StickyPartitions } from "./partitioner.js";
import { PendingQueue } from "./pending-queue.js";
import type { PendingRecord } from "./pending-record.js";
import type { TopicCatalog } from "./topic-catalog.js";

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 1_000;
/** The transport gets a little less time than is left, so that it ends first and says why; at most this much. */
const MAX_HEAD_START_MS = 1_000;

export interface RecordSenderDeps {
  readonly transport: Pick<Transport, "name" | "createProducer">;
  readonly catalog: TopicCatalog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: ResolvedPublisherOptions;
}

/**
 * Takes encoded records, gathers those that come while a send is out, and sends them: one send at a time, in the order of the calls.
 *
 * **Order.** What the transport could not write, and says may be tried again without writing it twice, goes back to the front of the
 * queue, so nothing of its partition overtakes it. A record that may have been written is never sent again: its caller is told. After a
 * record has failed for good, later ones of its key go on: the log then lacks one, but holds none out of order.
 */
export class RecordSender {
  readonly #deps: RecordSenderDeps;
  readonly #options: ResolvedPublisherOptions;
  readonly #clock: Clock;
  readonly #queue = new PendingQueue();
  readonly #sticky = new StickyPartitions();
  readonly #deadlines: DeliveryDeadlines;
  #producer: TransportProducer | undefined;
  #sending: readonly PendingRecord[] = [];
  #bufferedBytes = 0;
  #backoffMs = FIRST_BACKOFF_MS;
  #running: Promise<void> | undefined;
  #endLinger: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(deps: RecordSenderDeps) {
    this.#deps = deps;
    this.#options = deps.options;
    this.#clock = deps.clock;
    this.#deadlines = new DeliveryDeadlines(deps.clock, (now) => this.#expire(now));
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Whether a message should wait unencoded: `PendingRecord.encodeLater`. */
  get isFull(): boolean {
    return this.#bufferedBytes >= this.#options.maxBufferedBytes;
  }

  /** Takes the record over; it is settled sooner or later. */
  add(pending: PendingRecord, signal: AbortSignal | undefined): void {
    if (signal !== undefined) this.#watch(pending, signal);
    if (pending.phase === "settled" || (pending.encodeLater === undefined && !this.#admit(pending))) return;
    this.#queue.push(pending);
    this.#deadlines.watch(pending.deadline);
    if (this.#running === undefined) this.#running = this.#run();
    else if (this.#queue.length >= this.#options.maxBatchRecords || this.#bufferedBytes >= this.#options.maxBatchBytes) this.#endLinger?.();
  }

  /** Sends what waits, then closes the producer. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#endLinger?.();
    while (this.#running !== undefined) await this.#running;
    await this.#producer?.close();
  }

  /** Counts an encoded record in, or refuses it alone. */
  #admit(pending: PendingRecord): boolean {
    if (pending.bytes > this.#options.maxBatchBytes) {
      pending.fail(recordTooLarge(pending, this.#options.maxBatchBytes));
      return false;
    }
    this.#bufferedBytes += pending.bytes;
    return true;
  }

  #watch(pending: PendingRecord, signal: AbortSignal): void {
    if (signal.aborted) {
      pending.fail(publishAborted(pending, signal.reason));
      return;
    }
    const abort = () => this.#give(pending, publishAborted(pending, signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    pending.stopListening = () => signal.removeEventListener("abort", abort);
  }

  /** Fails a record that may still be queued. What is being sent keeps its bytes until the send has ended. */
  #give(pending: PendingRecord, error: BusError): void {
    if (pending.phase === "queued") this.#bufferedBytes -= pending.bytes;
    pending.fail(error);
  }

  #expire(now: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    const look = (pending: PendingRecord) => {
      if (pending.phase === "settled") return;
      if (pending.deadline <= now) this.#give(pending, deliveryTimedOut(pending));
      else if (pending.deadline < earliest) earliest = pending.deadline;
    };
    for (const pending of this.#sending) look(pending);
    for (const pending of this.#queue) look(pending);
    return earliest;
  }

  /** Runs while something waits; never rejects. */
  async #run(): Promise<void> {
    try {
      await this.#gather();
      while (this.#queue.peek() !== undefined) {
        const sent = await this.#sendNext().catch((error: unknown) => this.#refused(BusError.from(error, "transport_failed")));
        if (sent) await this.#gather();
        else await this.#backOff();
      }
    } catch (error) {
      this.#deps.logger.error({ error: String(error) }, "publisher failed");
      for (const pending of this.#queue) this.#give(pending, BusError.from(error, "publish_failed"));
    } finally {
      this.#running = undefined;
      this.#deadlines.clear();
    }
  }

  /** Waits for the end of the current turn, or as long as the options say, for others to join the batch. */
  async #gather(): Promise<void> {
    await endOfTurn();
    const first = this.#queue.peek();
    if (this.#options.lingerMs === 0 || first === undefined || this.closed || this.#queue.length >= this.#options.maxBatchRecords) return;
    const waitMs = first.enqueuedAt + this.#options.lingerMs - this.#clock.now();
    if (waitMs <= 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.schedule(waitMs, resolve);
      this.#endLinger = () => {
        cancel();
        resolve();
      };
    });
    this.#endLinger = undefined;
  }

  async #backOff(): Promise<void> {
    await sleep(this.#clock, this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, MAX_BACKOFF_MS);
  }

  /** False: nothing more can be done right now. */
  async #sendNext(): Promise<boolean> {
    this.#producer ??= await this.#deps.transport.createProducer();
    const records = this.#takeBatch();
    if (records.length > 0) return this.#send(this.#producer, records);
    const next = this.#queue.peek();
    if (next !== undefined) await this.#deps.catalog.load(next.topic);
    return true;
  }

  /** Moves what goes together from the queue to `#sending`. Empty when the partitions of the next record are not known yet. */
  #takeBatch(): OutgoingRecord[] {
    const now = this.#clock.now();
    const taken: PendingRecord[] = [];
    this.#sending = taken;
    const records: OutgoingRecord[] = [];
    let bytes = 0;
    for (let next = this.#queue.peek(); next !== undefined && taken.length < this.#options.maxBatchRecords; next = this.#queue.peek()) {
      if (next.encodeLater !== undefined && !this.#encode(next)) continue;
      const partitions = this.#deps.catalog.partitions(next.topic, now);
      if (partitions === 0) {
        this.#give(next, unknownTopic(next.topic, next.label));
        continue;
      }
      if (partitions === undefined || (taken.length > 0 && bytes + next.bytes > this.#options.maxBatchBytes)) break;
      this.#queue.shift();
      next.phase = "sending";
      bytes += next.bytes;
      taken.push(next);
      records.push(this.#outgoing(next, partitions));
    }
    return records;
  }

  #encode(pending: PendingRecord): boolean {
    try {
      pending.encodeLater?.();
    } catch (error) {
      pending.fail(BusError.from(error, "publish_failed"));
      return false;
    }
    pending.encodeLater = undefined;
    return this.#admit(pending);
  }

  #outgoing(pending: PendingRecord, partitions: number): OutgoingRecord {
    const { topic, key, value, headers, timestamp } = pending;
    const partition = pending.partition ?? (key === null ? this.#sticky.of(topic, partitions) : partitionForKey(key, partitions));
    return { topic, partition, key, value, headers, timestamp };
  }

  /** False when everything has to be tried again. */
  async #send(producer: TransportProducer, records: readonly OutgoingRecord[]): Promise<boolean> {
    const batch = this.#sending;
    const spans = startSendSpans(this.#deps.transport.name, batch);
    let latest = 0;
    for (const pending of batch) latest = Math.max(latest, pending.deadline);
    const leftMs = Math.max(1, latest - this.#clock.now());
    let outcomes: readonly SendOutcome[];
    try {
      outcomes = await producer.send(records, { timeoutMs: Math.ceil(leftMs - Math.min(leftMs * 0.1, MAX_HEAD_START_MS)) });
    } catch (error) {
      const failure = BusError.from(error, "transport_failed", { mayHaveBeenWritten: true });
      outcomes = records.map(() => ({ ok: false, error: failure }));
    }
    spans?.end(outcomes);
    return this.#finish(batch, records, outcomes);
  }

  #finish(batch: readonly PendingRecord[], records: readonly OutgoingRecord[], outcomes: readonly SendOutcome[]): boolean {
    this.#sending = [];
    this.#sticky.advance();
    const again: PendingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const pending = batch[i] as PendingRecord;
      const outcome = outcomes[i];
      if (outcome?.ok === true) pending.acknowledge((records[i] as OutgoingRecord).partition, outcome.offset);
      else if (this.#mayTryAgain(pending, outcome?.error)) {
        again.push(pending);
        continue;
      }
      this.#bufferedBytes -= pending.bytes;
    }
    if (again.length > 0) this.#queue.putBack(again);
    else this.#backoffMs = FIRST_BACKOFF_MS;
    return again.length === 0;
  }

  /** Puts the record into the state that its outcome asks for. */
  #mayTryAgain(pending: PendingRecord, outcome: BusError | undefined): boolean {
    const error = outcome ?? new BusError("transport_failed", "the transport gave no outcome for the record", { mayHaveBeenWritten: true });
    this.#deps.catalog.forget(pending.topic);
    if (pending.phase === "settled") return false;
    if (!error.retryable || error.mayHaveBeenWritten) {
      pending.fail(publishFailed(pending, error));
      return false;
    }
    pending.phase = "queued";
    pending.lastError = error;
    return true;
  }

  /** The producer could not be made, or the topic of the next record could not be looked up. False: the same may succeed later. */
  #refused(error: BusError): boolean {
    const next = this.#queue.peek();
    for (const pending of this.#queue) {
      pending.lastError = error;
      // without a producer nothing goes out; without the description of a topic only what goes there does not
      const concerned = this.#producer === undefined || pending.topic === next?.topic;
      if (!error.retryable && concerned) this.#give(pending, publishFailed(pending, error));
    }
    return !error.retryable;
  }
}

/** After everything that is ready to run now has run: callers that go on in promises join the batch of those that came first. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
