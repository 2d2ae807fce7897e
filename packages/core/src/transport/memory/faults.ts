import { BusError, type BusErrorCode } from "../../errors.js";
import type { OutgoingRecord, TopicPartition } from "../record.js";
import type { CommitRequest } from "../transport.js";

/** What goes wrong with one call to the cluster; nothing, when it has no property. */
export interface MemoryFault {
  /** `before`: the cluster does nothing. `after`: it does what was asked, but its answer is lost. */
  readonly fail?: "before" | "after";
  /** What the call ends with, when it fails. @default a retryable error */
  readonly error?: BusError;
  /** How long the call is under way before the cluster acts. @default 0 */
  readonly delayMs?: number;
}

/**
 * Faults for tests. Each is asked before a call goes out and says what goes wrong with it; undefined is nothing. The transport retries no
 * send and no commit that fails here, so a test sees every failure that it asked for.
 */
export interface MemoryFaults {
  /** A producer connects, or a consumer begins to join. */
  connect?(): MemoryFault | undefined;
  /** The records of one partition of one send: they are written, and fail, together. */
  send?(batch: TopicPartition & { readonly records: readonly OutgoingRecord[] }): MemoryFault | undefined;
  transaction?(call: { readonly transactionalId: string; readonly step: TransactionStep }): MemoryFault | undefined;
  commit?(commit: { readonly group: string; readonly requests: readonly CommitRequest[] }): MemoryFault | undefined;
  /** A retryable failure is tried again after 100 ms, any other ends the consumer. */
  fetch?(fetch: TopicPartition & { readonly group: string; readonly position: number }): MemoryFault | undefined;
  /** `operation` is the name of the method of `TransportAdmin`. */
  admin?(operation: string): MemoryFault | undefined;
}

/** `init`: a producer fences those before it; `write`: the records; `commit`: the offsets, and the end. */
export type TransactionStep = "init" | "write" | "commit";

/** The error with which a call ends under `fault`. */
export function faultError(fault: MemoryFault, operation: string, code: BusErrorCode): BusError {
  const mayHaveBeenWritten = fault.fail === "after";
  return (
    fault.error ??
    new BusError(code, `${operation} failed ${fault.fail} the cluster acted, as a fault asked`, { retryable: true, mayHaveBeenWritten })
  );
}
