import { isDeepStrictEqual } from "node:util";
import { BusError, type Clock, type Logger } from "@org/bus-core";
import { backoffMs, messageOf, sleep } from "@org/bus-core/internal";
import type { LoggedBatch, SplitPosition } from "./split-log.js";

export interface AcknowledgerInput {
  readonly connector: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** From one stored position to the next, in ms. */
  readonly intervalMs: number;
  store(position: SplitPosition): Promise<void>;
  /** A position could not be stored, and is tried again. */
  onNotStored(error: unknown): void;
  /** What has happened is for the task to know: the position cannot be stored, or the source refuses an acknowledgement. */
  onFailed(error: unknown): void;
}

/** The task is restarted then, as often as its `restart` says: what cannot be stored for long must not look well. */
const maxTries = 5;
const retryBackoff = { initialBackoffMs: 100, maxBackoffMs: 10_000, jitter: 0.2 };

/** Stores positions of what is written, and tells the source, in the order of the batches: its position first. */
export class Acknowledger {
  private pending: { readonly batches: readonly LoggedBatch[]; readonly position: SplitPosition | undefined }[] = [];
  private last: Promise<void> = Promise.resolve();
  private storedAt = Number.NEGATIVE_INFINITY;
  private cancelTimer: (() => void) | undefined;
  private readonly closing = new AbortController();
  private failed = false;
  /** The last one stored. */
  private position: SplitPosition | undefined;

  constructor(private readonly input: AcknowledgerInput) {}

  /** Nothing waits to be stored or told. */
  get isIdle(): boolean {
    return this.pending.length === 0;
  }

  /** What is stored when it begins: that need not be stored again. */
  startAt(position: SplitPosition | undefined): void {
    this.position = position;
  }

  /** @param position where to go on behind `batches`, if any of them says so */
  add(batches: readonly LoggedBatch[], position: SplitPosition | undefined): void {
    if (batches.length === 0) return;
    const changes = batches.some(({ batch }) => batch.position !== undefined);
    this.pending.push({ batches, position: changes ? position : undefined });
    if (this.cancelTimer !== undefined) return;
    const waits = this.pending.some((each) => each.position !== undefined);
    const dueInMs = waits ? Math.max(0, this.storedAt + this.input.intervalMs - this.input.clock.now()) : 0;
    if (dueInMs === 0) void this.flush();
    else this.cancelTimer = this.input.clock.schedule(dueInMs, () => void this.flush());
  }

  /** Resolves when all that was added is stored and told, or cannot be. */
  flush(): Promise<void> {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.last = this.last.then(() => this.work());
    return this.last;
  }

  /** Stops trying. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.flush();
  }

  private async work(): Promise<void> {
    if (this.failed) return;
    const due = this.pending;
    this.pending = [];
    const position = due.findLast((each) => each.position !== undefined)?.position;
    try {
      if (position !== undefined && !isDeepStrictEqual(position, this.position)) {
        await this.stored(position);
        this.position = position;
        this.storedAt = this.input.clock.now();
      }
      for (const { batches } of due) for (const { batch } of batches) await batch.acknowledge?.();
    } catch (error) {
      this.failed = true;
      this.input.onFailed(error);
    }
  }

  private async stored(position: SplitPosition): Promise<void> {
    const { clock, logger, random, store, onNotStored } = this.input;
    for (let failures = 1; ; failures++) {
      try {
        await store(position);
        return;
      } catch (error) {
        if ((error instanceof BusError && !error.retryable && !error.mayHaveBeenWritten) || this.closing.signal.aborted) throw error;
        if (failures === maxTries) throw this.notStored(error);
        onNotStored(error);
        logger.warn({ error: messageOf(error), failures }, "a position could not be stored; it is tried again");
        await sleep(clock, backoffMs(retryBackoff, failures, random), this.closing.signal);
      }
    }
  }

  /** Its place is where reading begins anew: what is written from there on is no progress as long as no position is stored. */
  private notStored(error: unknown): BusError {
    const details = { topic: this.input.connector, partition: 0, offset: this.position?.offset ?? 0 };
    const text = `a position could not be stored, ${maxTries} times in a row: ${messageOf(error)}`;
    return new BusError("transport_failed", text, { cause: error, retryable: true, details });
  }
}
