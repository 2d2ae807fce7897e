import type { Position, SourceProgress } from "../source/source.js";
import type { TaskState } from "../task/connector-task.js";
import type { WaitingFor } from "./waiting.js";

/**
 * - `waiting`: as a task, for another to end (`maxTasks`); as a connector, for splits: new ones, or those that other processes read
 * - else as its tasks: `failed` when one of them is, `completed` when the whole source has been read
 */
export type ConnectorState = TaskState | "waiting";

/** One task as it stands. */
export interface TaskStatus {
  /** The split; `topic` of a source that is one. */
  readonly id: string;
  readonly state: ConnectorState;
  /** In this state since, ms since the epoch. */
  readonly since: number;
  readonly restarts: number;
  readonly lastError: { readonly message: string; readonly at: number } | undefined;
  /** Records since the process began: read from the source, acknowledged by the sink (after the transforms; exactly once, committed), tried again. */
  readonly read: number;
  readonly written: number;
  readonly retried: number;
  /** Dead letters of a source that is no topic. */
  readonly deadLettered: number;
  /** Read and not yet written; exactly once, not yet committed. */
  readonly inFlight: number;
  readonly lastReadAt: number | undefined;
  readonly lastWrittenAt: number | undefined;
  /** Records between what is written and the end of the log; of topics only. The markers of transactions count, so it may rest at 1 or more. */
  readonly lag: number | undefined;
  /**
   * There was something in flight for `stallAfterMs`, and nothing of it was finished: what is read does not go on from the record that holds it up; or it
   * has been starting for as long.
   */
  readonly stalled: boolean;
  /** Nothing is in flight, and the source has said nothing for `stallAfterMs`. */
  readonly idle: boolean;
  readonly progress: SourceProgress | undefined;
}

/** A connector as it stands in this process. */
export interface ConnectorStatus {
  readonly name: string;
  readonly state: ConnectorState;
  /** Not failed, and neither it nor a task of it stalled. */
  readonly healthy: boolean;
  /** It has waited for `stallAfterMs` for what it needs to begin or to find new splits. */
  readonly stalled: boolean;
  /** That: `its positions`, `the splits of its source`. Undefined while it waits for neither. */
  readonly waitingFor: WaitingFor | undefined;
  readonly source: string;
  readonly sink: string;
  readonly lastError: { readonly message: string; readonly at: number } | undefined;
  readonly tasks: readonly TaskStatus[];
  /** Sums of what `tasks` no longer tells of: the last hundred of those that are completed are there. */
  readonly past: PastStatus;
}

/** Splits that are not told of one by one, since the process began: read to their end, or moved to another process. */
export interface PastStatus extends Pick<TaskStatus, "read" | "written" | "retried" | "deadLettered" | "progress"> {
  readonly splits: number;
}

/** Where a split stands. */
export interface SplitStatus {
  /** Of a source that is a topic a partition, `topic[0]`; its position is the committed offset, null where there is none. */
  readonly split: string;
  readonly position: Position;
  /** Records of the split before it. */
  readonly records: number;
  /** Records behind it, as in `TaskStatus.lag`; of topics only. */
  readonly lag?: number;
}
