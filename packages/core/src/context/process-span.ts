import type { Context } from "@opentelemetry/api";
import type { AnyContract } from "../contract/contract.js";
import type { IncomingRecord } from "../transport/record.js";
import type { Transaction } from "../transport/transport.js";
import type { TransactionInfo } from "./trace-transaction.js";

/** How the span that processes a message stands to the one that created it. */
export type TraceRelation = "parent" | "link";

export interface ProcessInfo {
  readonly group: string;
  readonly contract: AnyContract;
  readonly relation: TraceRelation;
  /** When the stream got the record, in ms since the epoch. */
  readonly receivedAt: number;
}

export interface BatchInfo {
  readonly group: string;
  readonly topic: string;
  readonly relation: TraceRelation;
}

/** Starts the spans of deliveries when their first handlers do. @internal */
export interface ConsumerTracing {
  startProcessSpan(record: IncomingRecord, info: ProcessInfo): ProcessSpan;
  /** @param contexts of the messages of the batch; that of the first comes first */
  startBatchSpan(contexts: readonly [Context, ...Context[]], info: BatchInfo): BatchSpan;
  /** Around one try to commit a transaction. Absent: it has no span of this kind. */
  traceTransaction?<T>(info: TransactionInfo, transaction: Transaction, commit: () => Promise<T>): Promise<T>;
}

/** Where the time of a delivery in one place of a pipe went, in ms. */
export interface StageTimes {
  /** `mapKeyed(assess)` */
  readonly stage: string;
  readonly batchMs: number;
  readonly keyMs: number;
  readonly slotMs: number;
  readonly handlerMs: number;
  readonly retryMs: number;
  readonly deadLetterMs: number;
}

/** The span of one delivery, from the start of its first handler to its settlement. @internal */
export interface ProcessSpan {
  /** The context of the producer with this span active: what handlers run in, and what they publish is a child of. */
  readonly context: Context;
  /** Whether anybody will see what it is told. */
  readonly isRecording: boolean;
  /** A try failed and another follows. */
  retried(attempt: number, error: unknown): void;
  /** The delivery has left a place of the pipe. */
  passed(times: StageTimes): void;
  /** The delivery is settled or given up: the span ends now, but is told of the commit before it is exported. `error` when it went to the dead letter or stopped the stream. */
  settled(error?: unknown): void;
  /** Ends it as of its settlement. @param isCommitted the commit that covers it has just been acknowledged */
  end(isCommitted: boolean): void;
}

/** Of a delivery that is not traced: it has a context and tells nobody anything. @internal */
export function withoutSpan(context: Context): ProcessSpan {
  return new UnseenSpan(context);
}

class UnseenSpan implements ProcessSpan {
  readonly isRecording = false;
  constructor(readonly context: Context) {}
  retried(): void {}
  passed(): void {}
  settled(): void {}
  end(): void {}
}

/** The span of one call of user code for several deliveries. @internal */
export interface BatchSpan {
  readonly context: Context;
  end(error?: unknown): void;
}
