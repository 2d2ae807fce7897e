import type { Bus } from "@org/bus-core";
import { damagedCopies } from "./feed/damaged-copies.js";
import { type PublishedFeed, publishFeed } from "./feed/publish-feed.js";
import { QuakeAlert, QuakeReported, type QuakeReportedInit } from "./gen/quakes/v1/quakes.js";
import { assess } from "./pipelines/assess.js";
import { countQuakes } from "./pipelines/count-quakes.js";
import { raiseAlerts } from "./pipelines/raise-alerts.js";
import { receiveAlerts } from "./pipelines/receive-alerts.js";
import type { Expectation } from "./watch/expectation.js";
import { inRun } from "./watch/run-id.js";
import type { Watch } from "./watch/watch.js";
import { whenComplete } from "./watch/when-complete.js";

/** Longer than a Kafka takes to give the partitions of a member that crashed to another. */
const stallTimeoutMs = 60_000;

export interface Run {
  readonly feed: PublishedFeed;
  /** From the first publish until everything had been seen. */
  readonly elapsedMs: number;
}

/**
 * The whole job: three consumers, then the feed. Ends when all that `expected` says has been seen, when nothing moves any more, or when
 * `signal` fires; what is in flight is finished first.
 */
export async function run(bus: Bus, reports: readonly QuakeReportedInit[], expected: Expectation, watch: Watch, signal: AbortSignal): Promise<Run> {
  await bus.topics.ensure([QuakeReported, QuakeAlert]);

  await using alerts = raiseAlerts(bus, (quake, delivery) => watch.assessing(delivery, () => assess(quake, delivery.signal)));
  await using counts = countQuakes(bus, (quake, delivery) => watch.count(quake, delivery));
  await using desk = receiveAlerts(bus, (alert, delivery) => watch.alert(alert, delivery));
  const consumers = [alerts, counts, desk];
  await Promise.all(consumers.map((consumer) => consumer.started));

  const startedAt = performance.now();
  const feed = await inRun(watch.runId, () => publishFeed(bus, [...damagedCopies(reports), ...reports]));
  // `closed` rejects when a consumer ends by itself
  await Promise.race([whenComplete(watch, expected, { stallTimeoutMs, signal }), ...consumers.map((consumer) => consumer.closed)]);
  return { feed, elapsedMs: performance.now() - startedAt };
}
