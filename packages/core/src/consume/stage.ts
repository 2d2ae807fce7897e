import type { Delivery } from "./delivery.js";
import type { Order } from "./options.js";

/**
 * One place in a pipe where deliveries wait, run, fail and go on: keyed concurrency plus the failure policy of the stream. `bus.consume`
 * is one stage; every operator of `packages/streams` that runs user code is one.
 *
 * A delivery whose work fails for good (dead letter written, acknowledged) is settled by the stage and not emitted. What the stage still holds when the
 * stream is fenced settles nothing.
 *
 * @internal
 */
export interface Stage<In> {
  /** Takes the delivery over. Work that needs not wait starts at once, in this call. Never throws. */
  push(delivery: Delivery<In>): void;
  readonly inFlight: number;
  readonly waiting: number;
}

export interface StageOptions<In> {
  /** For explain() and errors: `mapKeyed`. */
  readonly name: string;
  /** Work at once; `Infinity` where only the order per key matters. */
  readonly concurrency: number;
  readonly order: Order;
  /** Replaces the record's key as the unit of order and exclusion; null has no order to keep. */
  readonly keyOf?: (delivery: Delivery<In>) => string | number | bigint | Uint8Array | null;
}

/** What a batch work answers for each of its deliveries, at its index. */
export type BatchOutcome<Out> = { readonly ok: true; readonly value: Out } | { readonly ok: false; readonly error: unknown };
