import type { Context } from "@opentelemetry/api";
import type { AnyContract, DeliveredOf } from "../../contract/contract.js";
import type { RecordHeaders } from "../../transport/record.js";

/**
 * A message on its way through a handler or a pipe. It needs no acknowledgement by the user: one that reaches the end is settled.
 * Deliveries derived from it (mapped, fanned out, batched) carry the same position and settle it together.
 */
export interface Delivery<T> {
  readonly value: T;
  /** The key bytes of the record; null where it has none. */
  readonly key: Uint8Array | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the record was published, in ms since the epoch. */
  readonly timestamp: number;
  readonly headers: RecordHeaders;
  /** 1 at the first try of the operator that runs now. */
  readonly attempt: number;
  /** Fires when the work has become pointless: the partition moved away, the stream closes and its drain is over, `handlerTimeoutMs` has passed. */
  readonly signal: AbortSignal;
  /** The trace context of the message; active while a handler runs. */
  readonly context: Context;
  /** Tells the contracts of a stream over several apart. */
  is<C extends AnyContract>(contract: C): this is Delivery<DeliveredOf<C>>;
}
