import type { Span } from "@opentelemetry/api";
import { endAcknowledged, endFailed } from "../context/publish-spans.js";
import type { BusError } from "../errors.js";
import type { RecordHeaders } from "../transport/record.js";
import type { PublishReceipt } from "./publish.js";

/** What is fixed about a message when it is handed in. */
export interface PendingRecordInit {
  readonly topic: string;
  /** How errors call the message: the name of its type, or `a record`. */
  readonly label: string;
  /** Goes out as it is: nothing is added to its headers, nothing links to its span. */
  readonly isRaw: boolean;
  /** Ms since the epoch. */
  readonly enqueuedAt: number;
  readonly timeoutMs: number;
  /** Ms since the epoch, for the record itself. */
  readonly timestamp: number;
}

/** Who hears what became of a message: exactly one of them is called, once, and never before the call that publishes it has returned, but for what that refuses. */
export interface PublishOutcome {
  acknowledged(receipt: PublishReceipt): void;
  failed(error: BusError): void;
}

/** One message between the call that publishes it and its acknowledgement. */
export class PendingRecord {
  readonly topic: string;
  readonly label: string;
  readonly isRaw: boolean;
  readonly enqueuedAt: number;
  readonly timeoutMs: number;
  readonly deadline: number;
  readonly timestamp: number;
  phase: "queued" | "sending" | "settled" = "queued";
  /** Given by the caller; absent: chosen when the record is sent. */
  partition: number | undefined;
  key: Uint8Array | null = null;
  value: Uint8Array | null = null;
  headers: RecordHeaders = {};
  /** What the record weighs, 0 until it is encoded. */
  bytes = 0;
  /** Encodes the message, where that has been put off for want of room. @throws {BusError} what `publish` rejects with */
  encodeLater: (() => void) | undefined;
  /** Why the last try did not succeed, when another follows. */
  lastError: BusError | undefined;
  /** The `create` span (for raw records the `send` span), where tracing is on. */
  span: Span | undefined;
  /** Takes the listener off the caller's `AbortSignal`. */
  stopListening: (() => void) | undefined;
  readonly #outcome: PublishOutcome;

  constructor(init: PendingRecordInit, outcome: PublishOutcome) {
    this.topic = init.topic;
    this.label = init.label;
    this.isRaw = init.isRaw;
    this.enqueuedAt = init.enqueuedAt;
    this.timeoutMs = init.timeoutMs;
    this.deadline = init.enqueuedAt + init.timeoutMs;
    this.timestamp = init.timestamp;
    this.#outcome = outcome;
  }

  acknowledge(partition: number, offset: number): void {
    if (this.phase === "settled") return;
    this.#settle();
    if (this.span !== undefined) endAcknowledged(this.span, partition, offset);
    this.#outcome.acknowledged({ topic: this.topic, partition, offset });
  }

  fail(error: BusError): void {
    if (this.phase === "settled") return;
    this.#settle();
    if (this.span !== undefined) endFailed(this.span, error);
    this.#outcome.failed(error);
  }

  #settle(): void {
    this.phase = "settled";
    this.encodeLater = undefined;
    this.stopListening?.();
    this.stopListening = undefined;
  }
}
