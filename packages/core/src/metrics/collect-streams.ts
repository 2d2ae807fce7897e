import type { Attributes } from "@opentelemetry/api";
import type { Explanation } from "../consume/consumption.js";
import * as semantic from "../context/semantic-conventions.js";
import type { ObservedStream } from "../health/observed-stream.js";
import { openStreams } from "../health/open-streams.js";
import type { Progress } from "../health/partition-progress.js";
import { BUS_STAGE, BUS_STREAM_STATE, type busMetrics } from "./bus-metrics.js";
import type { Observe, ObservedNames } from "./instruments.js";

const TOPIC = semantic.MESSAGING_DESTINATION_NAME;
const GROUP = semantic.MESSAGING_CONSUMER_GROUP_NAME;
const PARTITION = semantic.MESSAGING_DESTINATION_PARTITION_ID;

type Name = ObservedNames<typeof busMetrics>;

/** Tells of all open streams, at each collection and not at each message. */
export async function collectStreams(observe: Observe<typeof busMetrics>): Promise<void> {
  const streams = openStreams();
  await Promise.all(streams.map((stream) => stream.refresh()));
  const sums = new Sums();
  const lags = new Lags();
  for (const stream of streams) observeStream(stream, sums, lags);
  lags.addTo(sums);
  sums.tell(observe);
}

function observeStream(stream: ObservedStream, sums: Sums, lags: Lags): void {
  const progress = stream.sample();
  const explanation = stream.explain();
  const group = { [GROUP]: explanation.group };
  for (const topic of explanation.topics) sums.add("streamState", 1, { ...group, [TOPIC]: topic, [BUS_STREAM_STATE]: explanation.state });
  observeStages(explanation, sums);
  for (const each of progress) {
    const { topic, partition, lag, unsettled, unsettledBytes } = each.partition;
    const attributes = { ...group, [TOPIC]: topic, [PARTITION]: String(partition) };
    sums.add("lagRecords", lag, attributes);
    sums.add("lagTime", lagSeconds(each, stream.now()), attributes);
    sums.add("stalledTime", secondsBetween(each.stalledSince, stream.now()), attributes);
    sums.add("unsettledRecords", unsettled, attributes);
    sums.add("unsettledSize", unsettledBytes, attributes);
    lags.add(lag, { ...group, [TOPIC]: topic });
  }
}

function observeStages({ group, stages }: Explanation, sums: Sums): void {
  for (const { name, inFlight, waiting, keys } of stages) {
    const attributes = { [GROUP]: group, [BUS_STAGE]: name };
    sums.add("inFlight", inFlight, attributes);
    sums.add("waiting", waiting, attributes);
    sums.add("keysActive", keys, attributes);
  }
}

function lagSeconds({ partition, behindSince }: Progress, now: number): number {
  return partition.lag === 0 ? 0 : secondsBetween(partition.oldestUncommitted ?? behindSince, now);
}

function secondsBetween(since: number | undefined, now: number): number {
  return since === undefined ? 0 : Math.max(0, now - since) / 1_000;
}

interface Sum {
  readonly metric: Name;
  readonly attributes: Attributes;
  value: number;
}

interface Told extends Omit<Sum, "value"> {
  /** Collections in which it was told as 0, since it is no more. */
  gone: number;
}

/**
 * What was told before: the SDK repeats the last value of what is told no more, where it exports cumulatively, so that a partition would stay behind for ever
 * on who had it. Told as 0 it may be forgotten: else groups with names that do not come again would make it grow for ever.
 */
const told = new Map<string, Told>();

/** The SDK discards a collection that takes too long, as one does that waits for a broker: once may be never. */
const GONE_COLLECTIONS = 10;

/** Two streams of one group in a process, and two operators of one name, are told together. What is no more is told as 0 for a while. */
class Sums {
  private readonly values = new Map<string, Sum>();

  add(metric: Name, value: number, attributes: Attributes): void {
    const key = `${metric} ${JSON.stringify(attributes)}`;
    const found = this.values.get(key);
    if (found === undefined) this.values.set(key, { metric, attributes, value });
    else found.value += value;
  }

  tell(observe: Observe<typeof busMetrics>): void {
    for (const [key, series] of told) {
      if (this.values.has(key)) continue;
      observe(series.metric, 0, series.attributes);
      series.gone++;
      if (series.gone === GONE_COLLECTIONS) told.delete(key);
    }
    for (const [key, { metric, value, attributes }] of this.values) {
      observe(metric, value, attributes);
      told.set(key, { metric, attributes, gone: 0 });
    }
  }
}

/** The lags of the partitions of each topic that a group has in this process, for their skew. */
class Lags {
  private readonly topics = new Map<string, { readonly attributes: Attributes; readonly lags: number[] }>();

  add(lag: number, attributes: Attributes): void {
    const key = JSON.stringify(attributes);
    const found = this.topics.get(key) ?? { attributes, lags: [] };
    this.topics.set(key, found);
    found.lags.push(lag);
  }

  addTo(sums: Sums): void {
    for (const { attributes, lags } of this.topics.values()) {
      const total = lags.reduce((sum, lag) => sum + lag, 0);
      sums.add("skew", total === 0 ? 1 : (Math.max(...lags) * lags.length) / total, attributes);
    }
  }
}
