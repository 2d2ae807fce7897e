import {
  type AssignedPartition,
  BusError,
  type CommitRequest,
  type ConsumerListener,
  type PartitionEpoch,
  type TransportConsumer,
} from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import type { Source, SourceBatch, SourceContext } from "../../source/source.js";
import type { ReadTrace } from "../../telemetry/spans.js";
import { within } from "../close-task.js";
import { Acknowledger, type AcknowledgerInput } from "./acknowledger.js";
import { SplitLog, type SplitPosition } from "./split-log.js";

export interface SplitConsumerInput extends Omit<AcknowledgerInput, "store"> {
  readonly source: Source<unknown>;
  readonly context: Omit<SourceContext, "position" | "signal">;
  /** How long storing the last position and telling the source may take, in ms. */
  readonly drainTimeoutMs: number;
  /** How long the source may take to take back batches, and its iterator to end, in ms. */
  readonly returnTimeoutMs: number;
  /** Ends what an earlier owner of the split has left open in a transaction: nothing behind it can be read before. Absent where nothing is written in transactions. */
  readonly fence: (() => Promise<void>) | undefined;
  load(): Promise<SplitPosition | undefined>;
  store(position: SplitPosition): Promise<void>;
  /** A batch has come, which was asked for at `askedAt`, in ms since the epoch. Gives the trace of that, for its records. */
  onRead(batch: SourceBatch<unknown>, askedAt: number): ReadTrace | undefined;
  /** The source has ended, and all of it is written. */
  onCompleted(): void;
}

/** Lets the engine read a split of a source as if it were a partition: what it settles is acknowledged to the source, and its credit holds back reading. */
export class SplitConsumer implements TransportConsumer {
  /** Where commits can be cut; before the start nowhere. */
  log: SplitLog;
  private readonly acknowledger: Acknowledger;
  private readonly stopping = new AbortController();
  private paused = false;
  private goOn: () => void = () => {};
  private iterator: AsyncIterator<SourceBatch<unknown>> | undefined;
  private ended = false;
  private closed: Promise<void> | undefined;

  constructor(private readonly input: SplitConsumerInput) {
    this.log = new SplitLog(input.connector, undefined);
    this.acknowledger = new Acknowledger(input);
  }

  async start(listener: ConsumerListener): Promise<void> {
    const { connector, fence, load } = this.input;
    await fence?.();
    const found = await load();
    await listener.assigned([this.assigned(found)]);
    // exactly once: an earlier owner may have gone on until it was fenced just now
    const start = await load();
    this.log = new SplitLog(connector, start);
    this.acknowledger.startAt(start);
    if (this.stopping.signal.aborted) return;
    void this.read(listener, start);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.goOn();
  }

  async commit([request]: readonly CommitRequest[]): Promise<void> {
    if (request !== undefined) this.committed(request.offset);
  }

  /** What lies below `offset` is written, and its position too where `isStored`. */
  committed(offset: number, isStored = false): void {
    const position = isStored ? undefined : this.log.positionAt(offset);
    this.acknowledger.add(this.log.take(offset), position);
    this.checkEnd();
  }

  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private assigned(found: SplitPosition | undefined): AssignedPartition {
    const offset = found?.offset ?? 0;
    const committed = found === undefined ? undefined : { offset, metadata: "" };
    return { ...this.partition, position: offset, committed, logStart: 0, logEnd: offset };
  }

  private get partition(): PartitionEpoch {
    return { topic: this.input.connector, partition: 0, epoch: 1 };
  }

  private async read(listener: ConsumerListener, start: SplitPosition | undefined): Promise<void> {
    const { source, context, onRead, onFailed } = this.input;
    const { signal } = this.stopping;
    try {
      this.iterator = source.read({ ...context, signal, position: start?.position })[Symbol.asyncIterator]();
      for (;;) {
        await this.room();
        if (signal.aborted) return;
        const askedAt = this.input.clock.now();
        const result = await this.iterator.next();
        if (result.done) break;
        if (signal.aborted) {
          await result.value.release?.(new BusError("aborted", "the task has ended"));
          return;
        }
        this.taken(result.value, onRead(result.value, askedAt), listener);
      }
      this.ended = true;
      this.checkEnd();
    } catch (error) {
      if (!signal.aborted) onFailed(error);
    }
  }

  private taken(batch: SourceBatch<unknown>, read: ReadTrace | undefined, listener: ConsumerListener): void {
    const records = this.log.append(batch, this.input.clock.now(), read);
    if (records.length > 0) listener.records({ ...this.partition, records, logEnd: this.log.next });
    else {
      const position = this.log.positionAt(this.log.at(this.log.next));
      const empty = this.log.takeEmpty();
      if (empty.length > 0) this.acknowledger.add(empty, position);
    }
  }

  private room(): Promise<void> {
    if (!this.paused || this.stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.goOn = resolve;
    });
  }

  private checkEnd(): void {
    if (!this.ended || !this.log.isDone || this.stopping.signal.aborted) return;
    void this.acknowledger.flush().then(() => this.input.onCompleted());
  }

  private async releaseAll(): Promise<void> {
    for (const { batch } of this.log.takeAll()) {
      try {
        await batch.release?.(new BusError("aborted", "the task has ended before the batch was written"));
      } catch (error) {
        this.input.logger.warn({ error: messageOf(error) }, "the source could not take back a batch");
      }
    }
  }

  private async end(): Promise<void> {
    const { logger, clock, drainTimeoutMs, returnTimeoutMs } = this.input;
    const isTold = await within(clock, drainTimeoutMs, this.acknowledger.close());
    if (!isTold) logger.warn({ drainTimeoutMs }, "the source was not told in time what is written");
    const isReleased = await within(clock, returnTimeoutMs, this.releaseAll());
    if (!isReleased) logger.warn({ returnTimeoutMs }, "the source did not take back its batches in time");
    this.stopping.abort();
    this.goOn();
    const returned = Promise.resolve(this.iterator?.return?.()).catch((error: unknown) => {
      logger.warn({ error: messageOf(error) }, "the source did not end cleanly");
    });
    if (!(await within(clock, returnTimeoutMs, returned))) logger.warn({ returnTimeoutMs }, "the source did not end in time");
  }
}
