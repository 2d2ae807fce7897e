import {
  type Attributes,
  type BatchObservableResult,
  type Counter,
  createNoopMeter,
  type Histogram,
  type Meter,
  type MeterProvider,
  type MetricOptions,
  metrics,
  type ObservableCounter,
  type ObservableGauge,
  type ObservableUpDownCounter,
} from "@opentelemetry/api";
import type { MetricDefinition, MetricTable } from "./definition.js";

type Observed = ObservableGauge | ObservableUpDownCounter | ObservableCounter;

/** The instruments of a table, under its names. */
export type Instruments<T extends MetricTable> = {
  readonly [Name in keyof T]: T[Name]["kind"] extends "counter" ? Counter : T[Name]["kind"] extends "histogram" ? Histogram : Observed;
};

/** The names of those that are read when metrics are collected. */
export type ObservedNames<T extends MetricTable> = { [Name in keyof T]: T[Name]["kind"] extends "gauge" | "upDownCounter" ? Name : never }[keyof T];

/** Writes down what is observed at one collection. */
export type Observe<T extends MetricTable> = (metric: ObservedNames<T>, value: number, attributes: Attributes) => void;

/**
 * The instruments of `table` in the SDK that is registered, undefined where none is: then nothing about metrics is computed. The returned function is to be
 * asked whenever something is to be written, since an SDK may be registered, or replaced, at any time.
 *
 * @param scope name of the package
 * @param collect called at each collection, for gauges and up-down counters; what it rejects with is left to the SDK
 * @internal
 */
export function instrumentsOf<T extends MetricTable>(
  scope: string,
  table: T,
  collect?: (observe: Observe<T>) => void | Promise<void>,
): () => Instruments<T> | undefined {
  let known: MeterProvider | undefined;
  let instruments: Instruments<T> | undefined;
  return () => {
    const provider = metrics.getMeterProvider();
    if (provider === known) return instruments;
    known = provider;
    const meter = provider.getMeter(scope);
    instruments = meter === createNoopMeter() ? undefined : create(meter, table, collect);
    return instruments;
  };
}

function create<T extends MetricTable>(meter: Meter, table: T, collect?: (observe: Observe<T>) => void | Promise<void>): Instruments<T> {
  const created = Object.fromEntries(Object.entries(table).map(([name, definition]) => [name, createOne(meter, definition)]));
  // each was made by the kind that its definition names
  const instruments = created as Instruments<T>;
  const observed = Object.entries(table).flatMap(([name, { kind }]) =>
    kind === "gauge" || kind === "upDownCounter" ? [instruments[name] as Observed] : [],
  );
  if (collect !== undefined && observed.length > 0) {
    const read = (result: BatchObservableResult) =>
      collect((metric, value, attributes) => result.observe(instruments[metric] as Observed, value, attributes));
    meter.addBatchObservableCallback(read, observed);
  }
  return instruments;
}

function createOne(meter: Meter, { name, kind, unit, description, buckets }: MetricDefinition): Counter | Histogram | Observed {
  const options: MetricOptions = { unit, description, ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }) };
  if (kind === "counter") return meter.createCounter(name, options);
  if (kind === "histogram") return meter.createHistogram(name, options);
  return kind === "gauge" ? meter.createObservableGauge(name, options) : meter.createObservableUpDownCounter(name, options);
}
