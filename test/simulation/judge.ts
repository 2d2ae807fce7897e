import { checkDeliveries } from "@org/bus-testkit";
import { findWrongResults } from "./results.js";
import type { Scenario } from "./scenario/scenario.js";
import type { World } from "./world.js";

/** Holds what happened to the promises: one sentence for each that was broken. */
export function judge(world: World, scenario: Scenario): readonly string[] {
  const { order, concurrency, drainTimeoutMs, handlerTimeoutMs, maxUnsettled, maxFetch, maxOffsetSpan, shape } = scenario;
  const timeouts = handlerTimeoutMs === undefined ? { drainTimeoutMs } : { drainTimeoutMs, handlerTimeoutMs };
  // what does not decode waits for no key, which the events do not tell
  const maxWaitingPerUnit = scenario.handlers.malformed > 0 ? undefined : scenario.maxWaitingPerKey;
  // under exactly once a dead letter is settled as soon as it goes with the next transaction, and the events tell of it when that is written
  const readAhead = shape === "exactlyOnce" ? {} : { readAhead: { maxOffsetSpan, maxWaitingPerUnit } };
  const bounds = { credit: { maxUnsettled, maxFetch }, ...readAhead };
  const found = checkDeliveries(world.events, { order, concurrency, ...timeouts, ...bounds });
  const violations = found.violations.filter((violation) => shape !== "exactlyOnce" || !isLeftToResults(violation, scenario));
  const publishes = shape === "pipe" || shape === "exactlyOnce";
  const results = publishes
    ? findWrongResults(world.events, { ...world.results(), exactlyOnce: shape === "exactlyOnce", inOrder: order === "key" })
    : [];
  return [...world.problems, ...violations, ...results, ...world.behind()];
}

/**
 * Under exactly once a dead letter goes with the next transaction, and its key does not wait for that; a transaction that cannot begin leaves the work to the
 * next owner, unseen. Order and repetition show in the results.
 */
function isLeftToResults(violation: string, { weather }: Scenario): boolean {
  const mayFail = weather.fails.transaction > 0 || weather.answerLost.transaction > 0 || weather.outages.length > 0;
  return violation.startsWith("order:") || (mayFail && violation.endsWith("an orderly handover"));
}
