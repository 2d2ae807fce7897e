import { type Attributes, metrics } from "@opentelemetry/api";
import { AggregationTemporality, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";

class Collector extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** One series of a metric: its sum or value; of a histogram how many were recorded. */
export interface Series {
  readonly attributes: Attributes;
  readonly value: number;
}

/** Registers an SDK for metrics until it is disposed of. With `DELTA` it gives, of what is observed, only what was observed at this collection. */
export function recordMetrics(temporality = AggregationTemporality.CUMULATIVE) {
  const reader = new Collector({ aggregationTemporalitySelector: () => temporality });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const collect = async (): Promise<ReadonlyMap<string, readonly Series[]>> => {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw errors[0];
    const found = resourceMetrics.scopeMetrics.flatMap(({ metrics: ofScope }) => ofScope);
    return new Map(
      found.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({ attributes, value: typeof value === "number" ? value : value.count })),
      ]),
    );
  };
  return {
    collect,
    /** What the series of a metric add up to whose attributes are at least `wanted`; undefined where there is none. */
    async total(name: string, wanted: Attributes = {}): Promise<number | undefined> {
      const series = (await collect())
        .get(name)
        ?.filter(({ attributes }) => Object.entries(wanted).every(([key, value]) => attributes[key] === value));
      return series === undefined || series.length === 0 ? undefined : series.reduce((sum, { value }) => sum + value, 0);
    },
    async [Symbol.asyncDispose]() {
      metrics.disable();
      await provider.shutdown();
    },
  };
}
