import { damagedCount } from "../feed/damaged-copies.js";
import type { PublishedFeed } from "../feed/publish-feed.js";
import type { Expectation } from "../watch/expectation.js";
import type { Watch } from "../watch/watch.js";

/** What `--json` prints. */
export interface Result {
  /** Acknowledged by the transport. */
  readonly published: number;
  /** Every fault of every report that its contract refused. */
  readonly refused: readonly { readonly path: string; readonly rule: string }[];
  /** Assessed. */
  readonly processed: number;
  /** Alerts that arrived where they are waited for. */
  readonly alerts: number;
  readonly perNetwork: Readonly<Record<string, number>>;
  /** The most assessments at one time. */
  readonly maxConcurrent: number;
  readonly duplicates: number;
  readonly orderViolations: number;
}

export function resultOf(feed: PublishedFeed, watch: Watch): Result {
  return {
    published: feed.published,
    refused: feed.refused.map(({ path, rule }) => ({ path, rule })),
    processed: watch.processed,
    alerts: watch.alerts.length,
    perNetwork: Object.fromEntries([...watch.perNetwork].sort(([, a], [, b]) => b - a)),
    maxConcurrent: watch.maxConcurrent,
    duplicates: watch.duplicates,
    orderViolations: watch.orderViolations,
  };
}

/** Where a result is not what the feed itself says; empty when everything adds up. Duplicates are allowed: delivery is at least once. */
export function discrepancies(result: Result, expected: Expectation): readonly string[] {
  const compare = (what: string, is: number, should: number) => (is === should ? [] : [`${what}: ${is}, but the feed says ${should}`]);
  const networks = new Set([...expected.perNetwork.keys(), ...Object.keys(result.perNetwork)]);
  return [
    ...compare("published", result.published, expected.quakes),
    ...(result.refused.length === damagedCount ? [] : [`refused: ${result.refused.length}, but there were ${damagedCount} damaged copies`]),
    ...compare("processed", result.processed, expected.quakes),
    ...compare("alerts", result.alerts, expected.alerts),
    ...[...networks].flatMap((network) => compare(`network ${network}`, result.perNetwork[network] ?? 0, expected.perNetwork.get(network) ?? 0)),
    ...(result.orderViolations === 0 ? [] : [`order violations: ${result.orderViolations}`]),
  ];
}
