import { checkDeliveries } from "@org/bus-testkit";
import type { Scenario } from "./scenario/scenario.js";
import type { World } from "./world.js";

/** Holds what happened to the promises: one sentence for each that was broken. */
export function judge(world: World, scenario: Scenario): readonly string[] {
  const { order, concurrency, drainTimeoutMs, maxUnsettled, maxFetch } = scenario;
  const credit = { maxUnsettled, maxFetch };
  const { violations } = checkDeliveries(world.events, { order, concurrency, drainTimeoutMs, credit });
  return [...world.problems, ...violations, ...world.behind()];
}
