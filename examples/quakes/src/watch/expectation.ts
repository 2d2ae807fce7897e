import type { Feature } from "../feed/feature.js";

/** What a run must come to, counted from the feed itself. */
export interface Expectation {
  readonly quakes: number;
  readonly alerts: number;
  readonly perNetwork: ReadonlyMap<string, number>;
}

export function expectationOf(features: readonly Feature[], alertMagnitude: number): Expectation {
  const perNetwork = new Map<string, number>();
  for (const { properties } of features) perNetwork.set(properties.net, (perNetwork.get(properties.net) ?? 0) + 1);
  return { quakes: features.length, alerts: features.filter(({ properties }) => properties.mag >= alertMagnitude).length, perNetwork };
}
