import type { IncomingRecord, RecordHeaders } from "@org/bus-core";
import type { CommitCuts } from "@org/bus-core/internal";
import type { ConnectRecord } from "../../record.js";
import type { Position, SourceBatch } from "../../source/source.js";
import type { ReadTrace } from "../../telemetry/spans.js";
import { CarriedRecord } from "./carried-record.js";

/** A batch of the source as a stretch of the log that the engine sees. */
export interface LoggedBatch {
  readonly batch: SourceBatch<unknown>;
  /** The offset behind its last record. */
  readonly end: number;
  readonly readAt: number;
}

/** Where reading can go on, and how many records of the split lie before it. */
export interface SplitPosition {
  readonly position: Position;
  readonly offset: number;
}

const NO_HEADERS: RecordHeaders = {};

/**
 * One split as a partition: its records have the offsets in which they were read. The engine settles offsets; a source can only go on behind a batch, so
 * that is where commits are cut.
 */
export class SplitLog implements CommitCuts {
  private batches: LoggedBatch[] = [];
  private end: number;
  private committed: number;
  private last: Position | undefined;

  constructor(
    private readonly topic: string,
    start: SplitPosition | undefined,
  ) {
    this.end = start?.offset ?? 0;
    this.committed = this.end;
    this.last = start?.position;
  }

  /** The offset of the next record. */
  get next(): number {
    return this.end;
  }

  /** All that was read is committed. */
  get isDone(): boolean {
    return this.batches.length === 0;
  }

  at(frontier: number): number {
    let cut = this.committed;
    for (const { end } of this.batches) {
      if (end > frontier) break;
      cut = end;
    }
    return cut;
  }

  append(batch: SourceBatch<unknown>, now: number, read?: ReadTrace): readonly IncomingRecord[] {
    const { records, unreadable = [] } = batch;
    const incoming = [...records, ...unreadable].map((record, index): IncomingRecord => {
      const isRecord = "value" in record;
      return {
        topic: this.topic,
        id: record.id,
        partition: 0,
        offset: this.end + index,
        key: isRecord ? keyBytes(record) : null,
        value: new CarriedRecord(record, read),
        headers: NO_HEADERS,
        timestamp: (isRecord ? record.timestamp : undefined) ?? now,
      };
    });
    this.end += incoming.length;
    this.batches.push({ batch, end: this.end, readAt: now });
    return incoming;
  }

  /** Where to go on when everything below `offset`, which is a cut, is written; undefined when the source has told no position yet. */
  positionAt(offset: number): SplitPosition | undefined {
    let position = this.last;
    for (const { batch, end } of this.batches) {
      if (end > offset) break;
      if (batch.position !== undefined) position = batch.position;
    }
    return position === undefined ? undefined : { position, offset };
  }

  /** Takes out the batches that are written. */
  take(offset: number): readonly LoggedBatch[] {
    this.last = this.positionAt(offset)?.position;
    this.committed = Math.max(this.committed, offset);
    const kept = this.batches.findIndex(({ end }) => end > offset);
    return this.batches.splice(0, kept === -1 ? this.batches.length : kept);
  }

  /** What is left when the task ends. */
  takeAll(): readonly LoggedBatch[] {
    return this.batches.splice(0);
  }

  /** Empty batches at the head: no commit will come for them. */
  takeEmpty(): readonly LoggedBatch[] {
    return this.take(this.committed);
  }
}

/** The key as the engine tells keys apart. */
export function keyBytes({ key }: Pick<ConnectRecord<unknown>, "key">): Uint8Array | null {
  return typeof key === "string" ? Buffer.from(key) : key;
}
