import type { Consumption } from "@org/bus-core";

/** A task at work, until it ends by itself or is closed. */
export interface OpenedTask {
  readonly consumption: Consumption;
  /** What is settled is not written before it is committed. */
  readonly isExactlyOnce: boolean;
  /** Resolves when the source has ended and all of it is written; rejects with what ended the task. Pending after `close`. */
  readonly ended: Promise<void>;
  /** Waits for what is being written, up to `drainTimeoutMs`. Idempotent. */
  close(): Promise<void>;
}
