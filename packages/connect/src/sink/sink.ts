import type { AnyContract } from "@org/bus-core";
import type { ConnectorContext } from "../context.js";
import type { ConnectRecord, TopicOrigin } from "../record.js";

/** What became of one record. */
export type WriteOutcome =
  /** It is there, also after a crash of this process or of the system. */
  | { readonly status: "written" }
  /** It will be there when a later `flush` has resolved; until then its position is not stored. Only of a sink that has `flush`. */
  | { readonly status: "held" }
  /** It may be written by another try: it is tried again with backoff, those of the same key behind it wait. */
  | { readonly status: "retriable"; readonly error: unknown; readonly retryAfterMs?: number }
  /** It never will be: a dead letter, or the end of the task, as the connector's `failure` says. */
  | { readonly status: "rejected"; readonly error: unknown };

/** For the sink that has only this to say. */
export const written: WriteOutcome = { status: "written" };

/** How the records that a sink gets together are chosen; a batch goes out when one of the limits is reached. */
export interface SinkBatching {
  /** @default 500 */
  readonly maxRecords?: number;
  /** Of the encoded values, where known. @default 4 MiB */
  readonly maxBytes?: number;
  /** How long the first record of a batch waits for others, in ms. @default 50 */
  readonly maxWaitMs?: number;
  /**
   * `any`: whatever comes; several `write`s may run at once, never two with one key. `partition`: all of one partition of a topic, or of one split, in
   * order, one `write` of it at a time. @default "any"
   */
  readonly by?: "any" | "partition";
}

/** What `SinkWriter.write` gets beside the records. */
export interface WriteContext {
  /** Fires when the task stops or the attempt has lasted too long: the outcome no longer counts. */
  readonly signal: AbortSignal;
  /** From 1. */
  readonly attempt: number;
  /** The topic partition, or the split, that all records are of; where `by` is `partition`. */
  readonly partition?: Pick<TopicOrigin, "topic" | "partition">;
}

/**
 * An open connection to a system.
 *
 * - **Outcome**: one for each record, at its index. What `write` throws counts for all of them: retriable, unless it is a `BusError` that is not.
 * - **Repeats**: a record may come again after a crash, or after a try whose answer was lost. Write by `record.id` or `record.key` where the system lets you.
 * - **Order**: records of one key in the order given; the framework never has two writes with one key under way.
 * - **Concurrency**: up to `Sink.concurrency` calls of `write` at once.
 */
export interface SinkWriter<T> {
  write(records: readonly ConnectRecord<T>[], context: WriteContext): Promise<readonly WriteOutcome[]>;
  /**
   * Makes durable all that `write` has answered `held`. Called every `flushIntervalMs` of the connector, when the source can be read no further for want
   * of acknowledgement, and at the end. No `write` runs meanwhile. What it throws restarts the task, and so does a flush that takes longer than `writeTimeoutMs`; what was held is read again.
   */
  flush?(context: WriteContext): Promise<void>;
  /** After the last call. Must not make anything durable that was not acknowledged. */
  close(): Promise<void>;
}

/** Writes to a system. */
export interface Sink<T> {
  /** For logs, metrics and the admin API: `postgres-upsert`. */
  readonly name: string;
  /** Of what it is given, as far as it knows: where one has sensitive fields, what is thrown over a record is told by class or code only. */
  readonly contracts?: readonly AnyContract[];
  /** What suits the system; the connector's own `batch` overrides it. */
  readonly batching?: SinkBatching;
  /** Writes at once. @default 1 */
  readonly concurrency?: number;
  /** As that of a source. */
  check?(context: ConnectorContext): Promise<void>;
  /** Throws what `write` would reject a record with, as far as that shows without the system: for dry runs. */
  checkRecord?(record: ConnectRecord<T>): void;
  open(context: ConnectorContext): Promise<SinkWriter<T>>;
}
