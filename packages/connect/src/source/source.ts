import type { AnyContract, JsonValue } from "@org/bus-core";
import type { ConnectorContext } from "../context.js";
import type { ConnectRecord } from "../record.js";

/**
 * How far a source has been read: whatever the source needs to go on behind a batch, as JSON. Opaque to the framework, which stores it after the sink has
 * acknowledged all that came before it, and hands it back at the next start.
 */
export type Position = JsonValue;

/** A part of a source that one task reads at a time: a range of a table, a file, a queue. Splits spread over the processes of a connector. */
export interface Split {
  /** The same at every start; its position is stored under it. */
  readonly id: string;
  /** What `read` needs to find it. */
  readonly settings?: JsonValue;
}

/**
 * What lay in the source and is no record: a line that is not JSON, a row with a field too many. It fails as a record does whose transform throws: as the
 * connector's `failure` says, with the stage `source`.
 */
export interface UnreadableRecord {
  /** As `ConnectRecord.id`: `flights.csv:812`. */
  readonly id: string;
  /** Why. Says no value of it. */
  readonly error: unknown;
  /** As it stood there, for the dead letter. */
  readonly original: Uint8Array;
}

/** What is read together. The framework may have several batches of a split under way, and completes them in order. */
export interface SourceBatch<T> {
  /** May be empty: then only the position moves on. */
  readonly records: readonly ConnectRecord<T>[];
  /** What lay between the records and could not be read. `position` is behind them, too. */
  readonly unreadable?: readonly UnreadableRecord[];
  /** Where to go on when all of `records`, and all before them, have been written. Left out by a source that keeps no position: it is told by `acknowledge`. */
  readonly position?: Position;
  /**
   * Tells the system that the batch is done with: called once, in the order of the batches, after the sink has acknowledged and the position is stored.
   * Not called for a batch that was not written. For queues, replication slots, HTTP callers.
   */
  acknowledge?(): void | Promise<void>;
  /** Tells the system that the batch was not written, and will not be by this task: give it back. Called at most once, instead of `acknowledge`. */
  release?(error: unknown): void | Promise<void>;
  /** How far along a source with an end is, for the progress bar: in `unit`s. */
  readonly progress?: SourceProgress;
}

/** Of a snapshot, a backfill, a file. */
export interface SourceProgress {
  readonly done: number;
  /** Undefined while it is not known. */
  readonly total: number | undefined;
  readonly unit: "records" | "bytes" | "objects";
}

/** What `Source.read` gets. */
export interface SourceContext extends ConnectorContext {
  readonly split: Split;
  /** The last one stored for this split; undefined at the first start. */
  readonly position: Position | undefined;
  /** Of a dry run: leave the system as it is, as far as it can be read so. What is read is released, and not acknowledged. */
  readonly readOnly?: boolean;
}

/**
 * Reads a system.
 *
 * - **Order**: batches, and records in them, are written in the order given for each key.
 * - **Acknowledgement**: a position is stored, and `acknowledge` called, only after the sink has written the batch and all before it. Until then the
 *   system must be able to give the records again.
 * - **Back-pressure**: `read` is asked for the next batch only while there is room; it must not read far ahead on its own.
 * - **Failure**: what `read` throws ends the task, which is restarted with backoff from the last stored position; a `BusError` that is not retryable fails it.
 * - **End**: an iterator that returns ends its split: it is complete when all of it has been written. A source without an end goes on until `signal` fires.
 * - **Close**: when the task stops, every batch is acknowledged or released first; then `signal` fires, and the iterator is returned (`finally` blocks run).
 *   It may take half a second to end: what takes longer no longer counts.
 */
export interface Source<T> {
  /** For logs, metrics and the admin API: `postgres-outbox`. */
  readonly name: string;
  /** Of what it reads, as far as it knows: where one has sensitive fields, what is thrown over a record is told by class or code only. */
  readonly contracts?: readonly AnyContract[];
  /** Whether the system gives the same records again from a position: then records and position can be written to Kafka in one transaction. */
  readonly replayable: boolean;
  /** Whether `read` comes to an end by itself. @default false */
  readonly bounded?: boolean;
  /** The parts that can be read at the same time. Called at each start, and again every now and then: new ones are taken up. No answer for `stallAfterMs` is reported. @default one, `0` */
  splits?(context: ConnectorContext): Promise<readonly Split[]>;
  /** Whether the system can be reached with these options, and is set up as needed; what it throws says what to do. For `bus connect check`. */
  check?(context: ConnectorContext): Promise<void>;
  /** Reads one split from `context.position` on. Usually an async generator. */
  read(context: SourceContext): AsyncIterable<SourceBatch<T>>;
}
