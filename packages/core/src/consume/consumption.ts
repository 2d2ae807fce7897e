import type { BusErrorCode } from "../errors.js";
import type { CreditLimits, CreditReason } from "./partition/credit.js";

/** `starting` → `running` ⇄ `paused` → `closing` → `closed`; `restarting` after a fault that may pass, `failed` after one that does not. */
export type ConsumptionState = "starting" | "running" | "paused" | "restarting" | "closing" | "closed" | "failed";

/** Why a partition stands where it stands. */
export interface PartitionExplanation {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  /** It is about to move to another member, or its stream closes: what has begun goes on, nothing new begins. */
  readonly isDraining: boolean;
  /** The offset that a commit would write now: everything below it is settled. */
  readonly frontier: number;
  readonly committed: number | undefined;
  /** Offsets from the committed one to the frontier: settled, and not committed in this assignment. */
  readonly uncommitted: number;
  /** The offset to be fetched next. */
  readonly position: number;
  /** End of the log when it was last read. */
  readonly logEnd: number;
  /** Offsets from the committed one to the end of the log: 0 when all that can be read is committed. */
  readonly lag: number;
  /** When the oldest record was published that is received and not committed, in ms since the epoch. */
  readonly oldestUncommitted: number | undefined;
  /** Received and not settled. What is beyond `credit` came with a fetch that was under way. */
  readonly unsettled: number;
  readonly unsettledBytes: number;
  /** From the frontier to the newest received offset. */
  readonly offsetSpan: number;
  /** How far this partition may be read ahead: its share of the limits of the stream. */
  readonly credit: CreditLimits;
  /**
   * Which limit holds back the fetching; undefined when none does. `commitMetadata`: what is settled beyond the frontier hardly fits in a commit any
   * more, and nothing beyond the highest settled offset is begun.
   */
  readonly pausedBy: "user" | CreditReason | undefined;
  /** The delivery at the frontier, when one is pending there. */
  readonly heldBy:
    | {
        readonly offset: number;
        /** `(sensitive)` where the contract marks it so. */
        readonly key: string | null;
        /** Where in the pipe: the operator and, where it has a name, its function, such as `mapKeyed(assess)`; undefined between two operators. */
        readonly stage: string | undefined;
        /** `overdue`: past its `handlerTimeoutMs`; it keeps its key and its slot until it ends. */
        readonly state: "waiting" | "running" | "overdue" | "backoff" | "deadLetter";
        readonly attempt: number;
        /** In this state since, ms since the epoch. */
        readonly since: number;
        /** What it waits for is due then, in ms since the epoch: its next try, that of what has its key or a slot, or that others are gathered. */
        readonly dueAt: number | undefined;
        readonly lastError: string | undefined;
        /** Deliveries of the same key that wait behind it. */
        readonly waitingBehind: number;
      }
    | undefined;
}

/** What an operator of a stream, or its handler, has to do. */
export interface StageExplanation {
  readonly name: string;
  readonly inFlight: number;
  readonly waiting: number;
  /** Keys of which something is worked on or waits. */
  readonly keys: number;
}

/** What a stream does at the moment, and what holds it up. */
export interface Explanation {
  readonly group: string;
  readonly topics: readonly string[];
  readonly state: ConsumptionState;
  /** What last interrupted or ended the stream; `at` in ms since the epoch. */
  readonly lastFault: { readonly code: BusErrorCode; readonly message: string; readonly at: number } | undefined;
  readonly inFlight: number;
  /** In flight, and past their `handlerTimeoutMs`. */
  readonly overdue: number;
  readonly waiting: number;
  readonly stages: readonly StageExplanation[];
  readonly partitions: readonly PartitionExplanation[];
}

/** A running consumer: what `bus.consume()` and `stream(...).run()` return. */
export interface Consumption extends AsyncDisposable {
  readonly state: ConsumptionState;
  /** Resolves when the group has been joined; rejects when that fails for good. */
  readonly started: Promise<void>;
  /** Resolves after `close()`; rejects with what ended the stream when it ended by itself. */
  readonly closed: Promise<void>;
  /** Which offset of each partition holds up the commit, and why. */
  explain(): Explanation;
  /** Stops taking new records; what is in flight goes on. */
  pause(): void;
  resume(): void;
  /**
   * Stops fetching, waits up to `drainTimeoutMs` for what is in flight, commits, leaves the group. Idempotent.
   * In a handler of this stream it resolves when nothing is in flight any more but handlers that await it: their messages are settled when they end.
   */
  close(): Promise<void>;
}
