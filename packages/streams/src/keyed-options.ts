import type { Delivery, Order } from "@org/bus-core";
import type { StageOptions } from "@org/bus-core/internal";
import { z } from "zod";

/** What tells the units of order apart. null: the message has no order to keep. */
export type MessageKey = string | number | bigint | Uint8Array | null;

/** How an operator runs the messages of a stream at once. */
export interface KeyedOptions<In> {
  /** Calls at once, over all partitions; never two of one key. @default 16 */
  readonly concurrency?: number;
  /** What keeps its order and is never worked on twice at once. @default "key" */
  readonly order?: Order;
  /**
   * How long one try may take, in ms. Then `delivery.signal` fires, and when the function has ended, however it did, the try has failed with
   * `timed_out`. Until then it keeps its key and its slot.
   *
   * @default as long as it takes
   */
  readonly handlerTimeoutMs?: number;
  /**
   * Replaces the record's key as the unit of order and exclusion. Messages of different partitions that it gives one key have no order
   * between them, and another member of the group may work on that key at the same time.
   *
   * @default the key of the record
   */
  readonly key?: (value: In, delivery: Delivery<In>) => MessageKey;
}

/** A whole number of at least 1. */
export function positive(): z.ZodNumber {
  const error = ({ input }: { readonly input?: unknown }) => `${input} must be a whole number >= 1`;
  return z.int({ error }).min(1, { error });
}

export const keyedOptions = z.strictObject({
  concurrency: positive().default(16),
  order: z.enum(["key", "partition", "none"], { error: `must be one of "key", "partition", "none"` }).default("key"),
  handlerTimeoutMs: positive().optional(),
  key: z.custom<KeyedOptions<never>["key"]>((key) => key === undefined || typeof key === "function", "must be a function").optional(),
});

/** The stage that `options` ask for; `limits` are the same ones, checked. */
export function keyedStage<In>(
  name: string,
  limits: Pick<StageOptions<In>, "concurrency" | "order" | "handlerTimeoutMs">,
  { key }: Pick<KeyedOptions<In>, "key">,
): StageOptions<In> {
  const { concurrency, order, handlerTimeoutMs } = limits;
  const stage = { name, concurrency, order, handlerTimeoutMs };
  return key === undefined ? stage : { ...stage, keyOf: (delivery) => key(delivery.value, delivery) };
}
