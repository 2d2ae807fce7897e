import type { Chance } from "../environment/chance.js";
import { drawPlan, type PlannedAction } from "./plan.js";
import { drawWeather, type Weather } from "./weather.js";

/** What runs in a member: a handler, or a pipe. */
export type Shape = "handler" | "keyed" | "pipe" | "exactlyOnce" | "batches" | "gather";

/** How often a handler does what. */
export interface HandlerMix {
  /** Answers without a promise. */
  readonly sync: number;
  /** Takes longer than a drain waits. */
  readonly slow: number;
  /** Ends only when its signal fires, or everything is well again. */
  readonly stuck: number;
  readonly fails: number;
  /** Of the records, how many fail whenever they are tried. */
  readonly poison: number;
  /** Of the records, how many do not decode. */
  readonly malformed: number;
  /** How many handlers stop when their signal fires. */
  readonly heedsSignal: number;
  readonly typicalMs: number;
}

/** Everything that a seed decides beforehand. What happens on the way is drawn on the way. */
export interface Scenario {
  readonly partitions: number;
  readonly records: number;
  readonly keys: number;
  /** Of the records, how many have no key. */
  readonly keyless: number;
  /** Until when everything has been published and has gone wrong. */
  readonly lengthMs: number;
  readonly members: number;
  readonly shape: Shape;
  readonly order: "key" | "partition" | "none";
  readonly concurrency: number;
  readonly maxUnsettled: number;
  readonly maxOffsetSpan: number;
  readonly maxWaitingPerKey: number;
  readonly maxFetch: number;
  readonly commitIntervalMs: number;
  readonly drainTimeoutMs: number;
  readonly attempts: number;
  /** undefined: handlers have no limit. */
  readonly handlerTimeoutMs: number | undefined;
  readonly outOfRange: "stop" | "earliest";
  readonly sessionTimeoutMs: number;
  readonly latencyMs: { readonly min: number; readonly max: number };
  /** How often a batch begins with records that were handed over before. */
  readonly repeatedBatches: number;
  readonly handlers: HandlerMix;
  readonly weather: Weather;
  readonly plan: readonly PlannedAction[];
}

/** @param transactions whether there may be any */
export function drawScenario(chance: Chance, transactions: boolean): Scenario {
  const often = (probability: number, most: number) => (chance.happens(probability) ? chance.between(0, most) : 0);
  const lengthMs = chance.magnitude(2_000, 40_000);
  const calm = chance.happens(0.15);
  const drawn = chance.weighted<Shape>({ handler: 5, keyed: 1, pipe: 2, exactlyOnce: 2, batches: 1, gather: 1 });
  const shape = drawn === "exactlyOnce" && !transactions ? "pipe" : drawn;
  // after its first stage a pipe keeps the order of keys, whatever that one kept
  const hasStages = shape === "pipe" || shape === "exactlyOnce" || shape === "gather";
  const order = chance.weighted({ key: 8, partition: hasStages ? 0 : 1, none: 1 });
  return {
    partitions: chance.integer(1, 6),
    records: Math.round(chance.magnitude(10, 250)),
    keys: chance.integer(1, 16),
    keyless: often(0.3, 0.5),
    lengthMs,
    members: chance.integer(1, 3),
    shape,
    order,
    concurrency: chance.integer(1, 12),
    maxUnsettled: Math.round(chance.magnitude(1, 200)),
    maxOffsetSpan: Math.round(chance.magnitude(5, 500)),
    maxWaitingPerKey: Math.round(chance.magnitude(1, 100)),
    maxFetch: Math.round(chance.magnitude(1, 60)),
    commitIntervalMs: Math.round(chance.magnitude(20, 3_000)),
    drainTimeoutMs: chance.happens(0.15) ? 0 : Math.round(chance.magnitude(50, 5_000)),
    attempts: chance.integer(1, 4),
    handlerTimeoutMs: chance.happens(0.3) ? Math.round(chance.magnitude(5, 2_000)) : undefined,
    outOfRange: chance.happens(0.8) ? "earliest" : "stop",
    sessionTimeoutMs: Math.round(chance.magnitude(500, 6_000)),
    latencyMs: { min: 0.1, max: chance.magnitude(0.5, 60) },
    repeatedBatches: often(0.3, 0.3),
    handlers: {
      sync: often(0.5, 1),
      slow: often(0.5, 0.1),
      stuck: often(0.3, 0.05),
      fails: often(0.6, 0.4),
      poison: often(0.4, 0.15),
      // what does not decode goes past the order of its partition
      malformed: order === "partition" ? 0 : often(0.3, 0.1),
      heedsSignal: chance.next(),
      typicalMs: chance.magnitude(0.5, 200),
    },
    weather: drawWeather(chance.fork("weather"), lengthMs, calm),
    plan: calm ? [] : drawPlan(chance.fork("plan"), lengthMs),
  };
}
