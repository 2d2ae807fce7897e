import type { Delivery } from "../delivery/delivery.js";
import type { Order } from "../options.js";

/**
 * One place in a pipe where deliveries wait, run, fail and go on: keyed concurrency plus the failure policy of the stream. `bus.consume`
 * is one stage; every operator of `packages/streams` that runs user code is one. `createStage` and `createBatchStage` make them.
 *
 * A delivery whose work fails for good (dead letter written, acknowledged) is settled by the stage and not emitted. What the stage still holds when the
 * stream is fenced settles nothing.
 *
 * @internal
 */
export interface Stage<In> {
  /**
   * Takes the delivery over. Work that needs not wait starts at once, in this call (batch work: when the call stack is empty).
   *
   * @throws {BusError} `unsupported` for what is no delivery of the engine; never otherwise
   */
  push(delivery: Delivery<In>): void;
  readonly inFlight: number;
  readonly waiting: number;
}

/** The name of the stage that takes what does not decode to the failure policy. */
export const decodeStage = "decode";

export interface StageOptions<In> {
  /** For explain() and errors: `mapKeyed`. */
  readonly name: string;
  /** Of the user's function, where it has one: `assess`. */
  readonly functionName?: string;
  /** Work at once; `Infinity` where only the order per key matters. */
  readonly concurrency: number;
  readonly order: Order;
  /** How long one try may take. @default as long as it takes */
  readonly handlerTimeoutMs?: number | undefined;
  /** Replaces the record's key as the unit of order and exclusion; null has no order to keep. What it throws is a failure of the message. */
  readonly keyOf?: (delivery: Delivery<In>) => string | number | bigint | Uint8Array | null;
}

export interface BatchStageOptions<In> extends StageOptions<In> {
  /** Deliveries of one key and one topic per call. */
  readonly maxBatch: number;
  /** Whether a call for several runs in a span of its own, that links to theirs. @default false: in the context of the first */
  readonly hasBatchSpan?: boolean;
}

/** What a batch work answers for each of its deliveries, at its index. */
export type BatchOutcome<Out> = { readonly ok: true; readonly value: Out } | { readonly ok: false; readonly error: unknown };

/** What a stage does with a delivery. Runs in the delivery's trace context. A failure goes to the failure policy of the stream. */
export type StageWork<In, Out> = (delivery: Delivery<In>) => Out | PromiseLike<Out>;

/**
 * What a stage does with deliveries of one key and one topic, in their order; one outcome each. When it throws or rejects, and for those
 * whose outcome is a failure, it is called again for each singly. An outcome that is undefined says that the delivery has not been tried: it
 * is called for it singly, without a wait, when those before it are through.
 */
export type BatchStageWork<In, Out> = (
  deliveries: readonly Delivery<In>[],
) => readonly (BatchOutcome<Out> | undefined)[] | PromiseLike<readonly (BatchOutcome<Out> | undefined)[]>;

/** The same for work that calls back: once, in its own time, or at once. What comes after the first answer is without effect. */
export interface BatchCall<In, Out> {
  readonly deliveries: readonly Delivery<In>[];
  answer(outcomes: readonly (BatchOutcome<Out> | undefined)[]): void;
  /** As a work that throws. */
  fail(error: unknown): void;
}

/**
 * Takes the delivery and what its work resulted in; passes it on, derives from it, or settles it. In the order of each key. It must not
 * throw; if it does, the stream restarts.
 */
export type StageEmit<In, Out> = (delivery: Delivery<In>, result: Out) => void;
