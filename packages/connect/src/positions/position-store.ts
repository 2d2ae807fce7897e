import type { Bus, OutgoingRecord } from "@org/bus-core";
import type { Split } from "../source/source.js";
import type { SplitPosition } from "../task/split/split-log.js";

/** Where positions of sources are kept. */
export interface PositionStore {
  open(connector: string, bus: Bus, listener: OwnershipListener): Promise<Positions>;
  /** What is stored of all splits, whosever they are. Only reads, and takes part in nothing. */
  stored(connector: string, bus: Bus): Promise<ReadonlyMap<string, SplitPosition>>;
}

/** The positions of one connector, and which of its splits are this process's to read. */
export interface Positions {
  /** Whether the split is ours for now. */
  owns(split: string): boolean;
  /** Whether something that is not ended yet may hide what is stored in the partition of the split, which is ours: a transaction that a killed process has left. */
  isHidden(split: string): boolean;
  /** The last one stored, by whomever. */
  load(split: string): Promise<SplitPosition | undefined>;
  /** Resolves when it would survive a crash. */
  store(split: string, position: SplitPosition): Promise<void>;
  /** Forgets a split: it will be read from its beginning. */
  clear(split: string): Promise<void>;
  /** The record that would store it, to be written in a transaction with others; undefined where positions are not stored on the bus. */
  record(split: string, position: SplitPosition): OutgoingRecord | undefined;
  /** All of the splits that are ours. */
  all(): Promise<ReadonlyMap<string, SplitPosition>>;
  /** Resolves when it is known which splits are ours at first. */
  readonly settled: Promise<void>;
  /** Tells the other processes which of our splits have been read to their end, unless they know. */
  markDone(splits: readonly Split[]): Promise<void>;
  /** Whether another process has told that of a split. */
  isDone(split: Split): boolean;
  close(): Promise<void>;
}

/** What is told about splits that come and go. */
export interface OwnershipListener {
  /** Other splits than before are ours, or done elsewhere. */
  changed(): void;
  /** Splits for which `moves` answers true are about to move to another process: resolves when nothing of them is at work any more. */
  leaving(moves: (split: string) => boolean): Promise<void>;
}
