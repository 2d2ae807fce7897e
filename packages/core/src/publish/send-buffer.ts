import type { Clock } from "../clock.js";
import { BusError } from "../errors.js";
import { DeliveryDeadlines } from "./delivery-deadlines.js";
import { deliveryTimedOut, publishAborted, recordTooLarge } from "./errors.js";
import type { ResolvedPublisherOptions } from "./options.js";
import { PendingQueue } from "./pending-queue.js";
import type { PendingRecord } from "./pending-record.js";

/**
 * What is on its way: records that wait, in order, and those that are being sent. Knows what they weigh, and fails them when their signal
 * fires or their time is over.
 */
export class SendBuffer {
  readonly #options: ResolvedPublisherOptions;
  readonly #deadlines: DeliveryDeadlines;
  readonly #waiting = new PendingQueue();
  /** By the signals that fail them. Thousands have one in common, which is listened to once: listeners of a signal are looked for one by one. */
  readonly #watched = new Map<AbortSignal, Set<PendingRecord>>();
  #sending: PendingRecord[] = [];
  #bytes = 0;

  constructor(options: ResolvedPublisherOptions, clock: Clock) {
    this.#options = options;
    this.#deadlines = new DeliveryDeadlines(clock, (now) => this.#expire(now));
  }

  /** Whether a message should wait unencoded: `PendingRecord.encodeLater`. */
  get isFull(): boolean {
    return this.#bytes >= this.#options.maxBufferedBytes;
  }

  /** Whether waiting longer would not make the next batch larger. */
  get fillsBatch(): boolean {
    return this.#waiting.length >= this.#options.maxBatchRecords || this.#bytes >= this.#options.maxBatchBytes;
  }

  /** What waits, in order. */
  get waiting(): Iterable<PendingRecord> {
    return this.#waiting;
  }

  get sending(): readonly PendingRecord[] {
    return this.#sending;
  }

  /** False when the record is refused, and settled, at once. */
  add(pending: PendingRecord, signal: AbortSignal | undefined): boolean {
    if (signal !== undefined) this.#watch(pending, signal);
    if (pending.phase === "settled" || (pending.encodeLater === undefined && !this.#admit(pending))) return false;
    this.#waiting.push(pending);
    this.#deadlines.watch(pending.deadline);
    return true;
  }

  /** The next record, encoded; undefined when none waits. */
  next(): PendingRecord | undefined {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (next.encodeLater === undefined || this.#encode(next)) return next;
    }
    return undefined;
  }

  /** Moves what `next` has shown to those that are being sent. */
  take(next: PendingRecord): void {
    this.#waiting.shift();
    next.phase = "sending";
    this.#sending.push(next);
  }

  /** The send is over. `again` was not written and comes before everything that waits. */
  sent(again: readonly PendingRecord[]): void {
    for (const pending of this.#sending) this.#bytes -= pending.bytes;
    for (const pending of again) {
      this.#bytes += pending.bytes;
      pending.phase = "queued";
    }
    this.#sending = [];
    if (again.length > 0) this.#waiting.putBack(again);
  }

  /** Fails a record wherever it is. One that is being sent keeps its room until the send is over. */
  fail(pending: PendingRecord, error: BusError): void {
    if (pending.phase === "queued") this.#bytes -= pending.bytes;
    pending.fail(error);
  }

  /** Nothing waits any more: sets no timer. */
  rest(): void {
    this.#deadlines.clear();
  }

  /** Counts an encoded record in, or refuses it alone. What goes out as it is has been a record already: only its topic knows what is too large. */
  #admit(pending: PendingRecord): boolean {
    if (!pending.isRaw && pending.bytes > this.#options.maxBatchBytes) {
      pending.fail(recordTooLarge(pending, this.#options.maxBatchBytes));
      return false;
    }
    this.#bytes += pending.bytes;
    return true;
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

  #watch(pending: PendingRecord, signal: AbortSignal): void {
    if (signal.aborted) {
      pending.fail(publishAborted(pending, signal.reason));
      return;
    }
    const watched = this.#watched.get(signal) ?? this.#listen(signal);
    watched.add(pending);
    pending.stopListening = () => {
      watched.delete(pending);
      if (watched.size === 0) this.#stopListening(signal);
    };
  }

  #listen(signal: AbortSignal): Set<PendingRecord> {
    const watched = new Set<PendingRecord>();
    this.#watched.set(signal, watched);
    signal.addEventListener("abort", this.#onAbort, { once: true });
    return watched;
  }

  #stopListening(signal: AbortSignal): void {
    this.#watched.delete(signal);
    signal.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = ({ target }: Event): void => {
    const signal = target as AbortSignal;
    for (const pending of this.#watched.get(signal) ?? []) this.fail(pending, publishAborted(pending, signal.reason));
  };

  #expire(now: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    const look = (pending: PendingRecord) => {
      if (pending.phase === "settled") return;
      if (pending.deadline <= now) this.fail(pending, deliveryTimedOut(pending));
      else if (pending.deadline < earliest) earliest = pending.deadline;
    };
    for (const pending of this.#sending) look(pending);
    for (const pending of this.#waiting) look(pending);
    return earliest;
  }
}
