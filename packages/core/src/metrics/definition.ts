/** What is counted or measured, as the documents, the instruments, the alerts and the dashboards take it. */
export interface MetricDefinition {
  readonly name: string;
  /** `gauge` and `upDownCounter` are read when metrics are collected; the others are written as things happen. */
  readonly kind: "counter" | "histogram" | "gauge" | "upDownCounter";
  /** In UCUM, as the conventions want it: `s`, `By`, `{record}`. */
  readonly unit: string;
  readonly description: string;
  /** Names of its attributes. Each has few values: never a key, an id or a text from a message. */
  readonly attributes: readonly string[];
  /** Upper bounds of the buckets of a histogram. */
  readonly buckets?: readonly number[];
}

/** The metrics of a package, by the names that its code has for them. */
export type MetricTable = Readonly<Record<string, MetricDefinition>>;

/** Keeps the kind of each metric in its type, so that a counter cannot be read as a histogram. */
export function defineMetrics<const T extends MetricTable>(table: T): T {
  return table;
}

/** What the conventions advise for durations in seconds. */
export const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;
/** How many belong together: records of a fetch, of a send, of a call. */
export const sizeBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000] as const;

/** The name under which the Prometheus exporter of OpenTelemetry for JavaScript shows a metric. It adds no unit. */
export function prometheusName({ name, kind }: MetricDefinition): string {
  return `${name.replaceAll(/[^a-zA-Z0-9_]+/g, "_")}${kind === "counter" ? "_total" : ""}`;
}

/** The label that it makes of an attribute. */
export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll(/[^a-zA-Z0-9_]+/g, "_");
}
