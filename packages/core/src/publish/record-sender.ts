import type { Clock } from "../clock.js";
import { sleep } from "../clock.js";
import type { PublishSpans } from "../context/publish-spans.js";
import { BusError } from "../errors.js";
import { beginSend, sent } from "../metrics/publish-metrics.js";
import type { OutgoingRecord } from "../transport/record.js";
import type { SendOutcome, Transport, TransportProducer } from "../transport/transport.js";
import { publishFailed, unknownTopic } from "./errors.js";
import type { ResolvedPublisherOptions } from "./options.js";
import { partitionForKey, StickyPartitions } from "./partitioner.js";
import type { PendingRecord } from "./pending-record.js";
import { SendBuffer } from "./send-buffer.js";
import type { TopicCatalog } from "./topic-catalog.js";

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 1_000;
/** The transport gets a little less time than is left, so that it ends first and says why; at most this much. */
const MAX_HEAD_START_MS = 1_000;

/** Of a transport that breaks its contract. */
const NO_OUTCOME: SendOutcome = {
  ok: false,
  error: new BusError("transport_failed", "the transport gave no outcome for the record", { mayHaveBeenWritten: true }),
};

export interface RecordSenderDeps {
  readonly transport: Pick<Transport, "name" | "createProducer">;
  readonly catalog: TopicCatalog;
  readonly clock: Clock;
  readonly random: () => number;
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
  readonly #spans: PublishSpans;
  readonly #buffer: SendBuffer;
  readonly #sticky: StickyPartitions;
  #producer: TransportProducer | undefined;
  #backoffMs = FIRST_BACKOFF_MS;
  #running: Promise<void> | undefined;
  #endLinger: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(deps: RecordSenderDeps, spans: PublishSpans) {
    this.#deps = deps;
    this.#spans = spans;
    this.#buffer = new SendBuffer(deps.options, deps.clock);
    this.#sticky = new StickyPartitions(deps.random);
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Whether a message should wait unencoded: `PendingRecord.encodeLater`. */
  get isFull(): boolean {
    return this.#buffer.isFull;
  }

  /** Takes the record over; it is settled sooner or later. */
  add(pending: PendingRecord, signal: AbortSignal | undefined): void {
    if (!this.#buffer.add(pending, signal)) return;
    if (this.#running === undefined) this.#running = this.#run();
    else if (this.#buffer.fillsBatch) this.#endLinger?.();
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

  /** Runs while something waits; never rejects. */
  async #run(): Promise<void> {
    await this.#gather();
    while (this.#buffer.next() !== undefined) {
      try {
        if (await this.#sendNext()) await this.#gather();
        else await this.#backOff();
      } catch (error) {
        if (!this.#refuse(BusError.from(error, "transport_failed"))) await this.#backOff();
      }
    }
    this.#running = undefined;
    this.#buffer.rest();
  }

  /** Waits for the end of the current turn, or as long as the options say, for others to join the batch. */
  async #gather(): Promise<void> {
    await endOfTurn();
    const { lingerMs } = this.#deps.options;
    if (lingerMs === 0) return;
    const first = this.#buffer.next();
    if (first === undefined || this.closed || this.#buffer.fillsBatch) return;
    const waitMs = first.enqueuedAt + lingerMs - this.#deps.clock.now();
    if (waitMs <= 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.schedule(waitMs, resolve);
      this.#endLinger = () => {
        cancel();
        resolve();
      };
    });
    this.#endLinger = undefined;
  }

  async #backOff(): Promise<void> {
    await sleep(this.#deps.clock, this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, MAX_BACKOFF_MS);
  }

  /** False when something is to be tried again in a while. */
  async #sendNext(): Promise<boolean> {
    this.#producer ??= await this.#deps.transport.createProducer();
    const records = this.#takeBatch();
    if (records.length > 0) return this.#send(this.#producer, records);
    const next = this.#buffer.next();
    if (next !== undefined) await this.#deps.catalog.load(next.topic);
    return true;
  }

  /** What goes out together. Empty when the partitions of the next record are not known yet. */
  #takeBatch(): OutgoingRecord[] {
    const { maxBatchRecords, maxBatchBytes } = this.#deps.options;
    const now = this.#deps.clock.now();
    const records: OutgoingRecord[] = [];
    let bytes = 0;
    while (records.length < maxBatchRecords) {
      const next = this.#buffer.next();
      if (next === undefined) break;
      const partitions = this.#deps.catalog.partitions(next.topic, now);
      if (partitions === 0) {
        this.#buffer.fail(next, unknownTopic(next));
        continue;
      }
      bytes += next.bytes;
      if (partitions === undefined || (records.length > 0 && bytes > maxBatchBytes)) break;
      this.#buffer.take(next);
      records.push(this.#outgoing(next, partitions));
    }
    return records;
  }

  #outgoing(pending: PendingRecord, partitions: number): OutgoingRecord {
    const { topic, key, value, headers, timestamp } = pending;
    const partition = pending.partition ?? (key === null ? this.#sticky.of(topic, partitions) : partitionForKey(key, partitions));
    return { topic, partition, key, value, headers, timestamp };
  }

  async #send(producer: TransportProducer, records: readonly OutgoingRecord[]): Promise<boolean> {
    const spans = this.#spans.startSends(this.#buffer.sending, this.#deps.clock.now());
    const since = beginSend();
    let outcomes: readonly SendOutcome[];
    try {
      outcomes = await producer.send(records, { timeoutMs: this.#timeoutMs() });
    } catch (error) {
      const failure = BusError.from(error, "transport_failed", { mayHaveBeenWritten: true });
      outcomes = records.map(() => ({ ok: false, error: failure }));
    }
    spans?.end(outcomes);
    sent(this.#deps.transport.name, records, outcomes, since);
    this.#sticky.advance();
    return this.#finish(records, outcomes);
  }

  /** Until the last of the records has to be given up: those with less time are given up by themselves. */
  #timeoutMs(): number {
    let latest = 0;
    for (const pending of this.#buffer.sending) latest = Math.max(latest, pending.deadline);
    const leftMs = Math.max(1, latest - this.#deps.clock.now());
    return Math.ceil(leftMs - Math.min(leftMs * 0.1, MAX_HEAD_START_MS));
  }

  #finish(records: readonly OutgoingRecord[], outcomes: readonly SendOutcome[]): boolean {
    const again: PendingRecord[] = [];
    for (const [index, pending] of this.#buffer.sending.entries()) {
      const outcome = outcomes[index] ?? NO_OUTCOME;
      if (outcome.ok) pending.acknowledge(records[index]?.partition ?? 0, outcome.offset);
      else if (!this.#failFor(pending, outcome.error)) again.push(pending);
    }
    this.#buffer.sent(again);
    if (again.length === 0) this.#backoffMs = FIRST_BACKOFF_MS;
    return again.length === 0;
  }

  /** False when the record was not written and may be sent again. */
  #failFor(pending: PendingRecord, error: BusError): boolean {
    this.#deps.catalog.forget(pending.topic);
    if (error.retryable && !error.mayHaveBeenWritten && pending.phase !== "settled") {
      pending.lastError = error;
      return false;
    }
    pending.fail(publishFailed(pending, error));
    return true;
  }

  /** A fault of ours or of a tracer between the queue and the transport: nobody else would ever settle these records. */
  #abandonSending(cause: BusError): void {
    const error = new BusError("transport_failed", cause.message, { cause, mayHaveBeenWritten: true });
    for (const pending of this.#buffer.sending) pending.fail(publishFailed(pending, error));
    this.#buffer.sent([]);
  }

  /** The producer could not be made, or the topic of the next record could not be looked up. False when that may change. */
  #refuse(error: BusError): boolean {
    this.#abandonSending(error);
    const next = this.#buffer.next();
    for (const pending of this.#buffer.waiting) {
      pending.lastError = error;
      // without a producer nothing goes out; without the description of a topic only what goes there does not
      const concerned = this.#producer === undefined || pending.topic === next?.topic;
      if (!error.retryable && concerned) this.#buffer.fail(pending, publishFailed(pending, error));
    }
    return !error.retryable;
  }
}

/** After everything that is ready to run now has run: callers that go on in promises join the batch of those that came first. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
