import type { Position } from "../source/source.js";
import type { ConnectorStatus, SplitStatus } from "./status.js";

/** A connector at work in this process; made by `runConnector`. */
export interface RunningConnector extends AsyncDisposable {
  readonly name: string;
  /** Resolves when a source with an end has been read and written to it, or after `stop`; rejects when it has failed for good. A restart makes a new one. */
  readonly finished: Promise<void>;
  status(): ConnectorStatus;
  /** Reads no more; what is in flight is written. */
  pause(): void;
  resume(): void;
  /** Begins anew where the positions say: one task, or all of them, failed and stopped ones too. */
  restart(task?: string): Promise<void>;
  /**
   * Writes what was read, for up to `drainTimeoutMs`, stores the positions, closes source and sink. Where that is not long enough, what was written of a batch
   * of the source that is not done comes again at the next start. Idempotent.
   */
  stop(): Promise<void>;
  /** Of the splits that are this process's; of a source that is a topic what its group has committed, and the lag behind that. */
  positions(): Promise<readonly SplitStatus[]>;
  /**
   * Lets a split go on elsewhere at the next start; `undefined`: at its beginning.
   *
   * @throws {BusError} `invalid_options` unless it is stopped, and for a split that is neither there nor stored; `unsupported` when the source is a topic (its
   * group has the offsets, which the tools of the broker change)
   */
  setPosition(split: string, position: Position | undefined): Promise<void>;
}
