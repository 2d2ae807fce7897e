import { BUS_CONNECTOR, BUS_OWNER_CHANNEL, BUS_OWNER_TEAM, BUS_TASK_STATE, connectMetrics } from "@org/bus-connect/metrics";
import { busMetrics, type MetricTable, processMetrics, prometheusLabel, prometheusName } from "@org/bus-core/internal";

/** The metrics of all packages, by package. What a package adds to its table is in the documents and may be asked for by alerts and dashboards. */
export const metricTables: Readonly<Record<string, MetricTable>> = {
  "@org/bus-core": busMetrics,
  "@org/bus-connect": connectMetrics,
  "@org/bus-telemetry": processMetrics,
};

type Names<T extends MetricTable> = { readonly [Name in keyof T]: string };

function namesOf<T extends MetricTable>(table: T): Names<T> {
  return Object.fromEntries(Object.entries(table).map(([name, definition]) => [name, prometheusName(definition)])) as Names<T>;
}

/** As Prometheus knows them. */
export const series = { ...namesOf(busMetrics), ...namesOf(processMetrics) };

/** Those of connectors. */
export const connectSeries = namesOf(connectMetrics);

export const GROUP = prometheusLabel("messaging.consumer.group.name");
export const TOPIC = prometheusLabel("messaging.destination.name");
export const CONNECTOR = prometheusLabel(BUS_CONNECTOR);
export const OWNER_TEAM = prometheusLabel(BUS_OWNER_TEAM);
export const OWNER_CHANNEL = prometheusLabel(BUS_OWNER_CHANNEL);
export const TASK_STATE = prometheusLabel(BUS_TASK_STATE);
export const PARTITION = prometheusLabel("messaging.destination.partition.id");
