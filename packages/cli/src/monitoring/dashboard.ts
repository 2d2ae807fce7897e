import type { TopicDeclaration } from "@org/bus-core";
import { GROUP, PARTITION, series, TOPIC } from "./metric-names.js";

interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface Chart {
  readonly title: string;
  /** As Grafana names it. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

const selected = `${TOPIC}=~"$topic"`;
const ofGroup = `${selected}, ${GROUP}=~"$group"`;
const inGroup = `${GROUP}=~"$group"`;
const legendOfGroup = `{{${GROUP}}} {{${TOPIC}}}`;

const rate = (name: string, where: string, by: string) => `sum by (${by}) (rate(${name}{${where}}[$__rate_interval]))`;
const quantile = (name: string, where: string, by: string) =>
  `histogram_quantile(0.99, sum by (le, ${by}) (rate(${name}_bucket{${where}}[$__rate_interval])))`;

const rows: readonly { readonly title: string; readonly charts: readonly Chart[] }[] = [
  {
    title: "Is it behind?",
    charts: [
      {
        title: "Age of the oldest record that is not committed",
        unit: "s",
        queries: [{ expr: `max by (${GROUP}, ${TOPIC}) (${series.lagTime}{${ofGroup}})`, legend: legendOfGroup }],
      },
      {
        title: "Records behind, by partition",
        unit: "short",
        queries: [
          { expr: `max by (${GROUP}, ${TOPIC}, ${PARTITION}) (${series.lagRecords}{${ofGroup}})`, legend: `${legendOfGroup} [{{${PARTITION}}}]` },
        ],
      },
      {
        title: "Partitions that do not move",
        unit: "s",
        queries: [
          {
            expr: `max by (${GROUP}, ${TOPIC}, ${PARTITION}) (${series.stalledTime}{${ofGroup}}) > 0`,
            legend: `${legendOfGroup} [{{${PARTITION}}}]`,
          },
        ],
      },
      {
        title: "Skew: largest lag of a member over its mean",
        unit: "short",
        queries: [{ expr: `max by (${GROUP}, ${TOPIC}) (${series.skew}{${ofGroup}})`, legend: legendOfGroup }],
      },
    ],
  },
  {
    title: "What does it do?",
    charts: [
      {
        title: "Messages sent",
        unit: "ops",
        queries: [{ expr: rate(series.sentMessages, selected, `${TOPIC}, error_type`), legend: `{{${TOPIC}}} {{error_type}}` }],
      },
      {
        title: "Messages received",
        unit: "ops",
        queries: [{ expr: rate(series.consumedMessages, ofGroup, `${GROUP}, ${TOPIC}`), legend: legendOfGroup }],
      },
      {
        title: "Processing, 99th percentile",
        unit: "s",
        queries: [{ expr: quantile(series.processDuration, ofGroup, `${GROUP}, ${TOPIC}`), legend: legendOfGroup }],
      },
      {
        title: "Waiting for a key or a slot, 99th percentile",
        unit: "s",
        queries: [{ expr: quantile(series.queueTime, inGroup, `${GROUP}, bus_stage`), legend: `{{${GROUP}}} {{bus_stage}}` }],
      },
      {
        title: "Calls of handlers and operators, 99th percentile",
        unit: "s",
        queries: [{ expr: quantile(series.stageDuration, inGroup, `${GROUP}, bus_stage`), legend: `{{${GROUP}}} {{bus_stage}}` }],
      },
      {
        title: "In flight and waiting",
        unit: "short",
        queries: [
          { expr: `sum by (${GROUP}, bus_stage) (${series.inFlight}{${inGroup}})`, legend: `{{${GROUP}}} {{bus_stage}} in flight` },
          { expr: `sum by (${GROUP}, bus_stage) (${series.waiting}{${inGroup}})`, legend: `{{${GROUP}}} {{bus_stage}} waiting` },
        ],
      },
      {
        title: "Sends and commits, 99th percentile",
        unit: "s",
        queries: [{ expr: quantile(series.operationDuration, "", "messaging_operation_name"), legend: "{{messaging_operation_name}}" }],
      },
    ],
  },
  {
    title: "What goes wrong?",
    charts: [
      {
        title: "Dead letters by failure",
        unit: "ops",
        queries: [
          {
            expr: rate(series.deadLetters, ofGroup, `${GROUP}, ${TOPIC}, bus_stage, error_type`),
            legend: `${legendOfGroup} {{bus_stage}} {{error_type}}`,
          },
        ],
      },
      {
        title: "Retries",
        unit: "ops",
        queries: [{ expr: rate(series.retries, ofGroup, `${GROUP}, ${TOPIC}, error_type`), legend: `${legendOfGroup} {{error_type}}` }],
      },
      {
        title: "Contract violations",
        unit: "ops",
        queries: [
          {
            expr: rate(series.contractViolations, selected, `${TOPIC}, bus_contract_rule, bus_contract_field`),
            legend: `{{${TOPIC}}} {{bus_contract_field}} {{bus_contract_rule}}`,
          },
        ],
      },
      {
        title: "Rebalances",
        unit: "ops",
        queries: [
          { expr: rate(series.rebalances, ofGroup, `${GROUP}, ${TOPIC}, bus_rebalance_event`), legend: `${legendOfGroup} {{bus_rebalance_event}}` },
        ],
      },
      {
        title: "Fetching stopped by a limit",
        unit: "ops",
        queries: [
          { expr: rate(series.creditExhausted, ofGroup, `${GROUP}, ${TOPIC}, bus_credit_limit`), legend: `${legendOfGroup} {{bus_credit_limit}}` },
        ],
      },
      {
        title: "Streams by state",
        unit: "short",
        queries: [
          { expr: `sum by (${GROUP}, bus_stream_state) (${series.streamState}{${ofGroup}}) > 0`, legend: `{{${GROUP}}} {{bus_stream_state}}` },
        ],
      },
    ],
  },
  {
    title: "The process",
    charts: [
      {
        title: "Event loop delay",
        unit: "s",
        queries: [
          { expr: `max by (instance) (${series.eventLoopDelayMax})`, legend: "{{instance}} longest" },
          { expr: `max by (instance) (${series.eventLoopDelayP99})`, legend: "{{instance}} 99th percentile" },
        ],
      },
      {
        title: "Blocks of a second or longer",
        unit: "ops",
        queries: [{ expr: rate(series.eventLoopBlocked, "", `${GROUP}, bus_stage`), legend: `{{${GROUP}}} {{bus_stage}}` }],
      },
      {
        title: "Heap",
        unit: "bytes",
        queries: [
          { expr: `sum by (instance) (${series.heapUsed})`, legend: "{{instance}} used" },
          { expr: `sum by (instance) (${series.heapLimit})`, legend: "{{instance}} taken" },
        ],
      },
    ],
  },
];

const datasource = { type: "prometheus", uid: "$datasource" };
const height = 8;
const width = 12;

/** The dashboard of a team, for the topics that it owns: what Grafana imports. @param name of {@link dashboardNames} */
export function dashboard(team: string, name: string, topics: readonly TopicDeclaration[]): object {
  return {
    uid: `bus-${name}`,
    title: `bus: ${team}`,
    tags: ["bus", team],
    schemaVersion: 39,
    timezone: "browser",
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    templating: { list: variables(topics) },
    panels: panels(),
  };
}

function variables(topics: readonly TopicDeclaration[]): readonly object[] {
  const names = topics.map(({ name }) => name);
  const query = `label_values(${series.lagRecords}{${TOPIC}=~"$topic"}, ${GROUP})`;
  const all = { includeAll: true, multi: true, current: { text: ["All"], value: ["$__all"] } };
  return [
    { name: "datasource", type: "datasource", query: "prometheus", label: "data source" },
    { name: "topic", type: "custom", query: names.join(","), options: names.map((name) => ({ text: name, value: name, selected: false })), ...all },
    { name: "group", type: "query", datasource, query: { query, refId: "group" }, definition: query, refresh: 2, ...all, allValue: ".*" },
  ];
}

function panels(): readonly object[] {
  let id = 0;
  let y = 0;
  return rows.flatMap(({ title, charts }) => {
    const header = { id: ++id, type: "row", title, collapsed: false, gridPos: { x: 0, y: y++, w: 2 * width, h: 1 }, panels: [] };
    const placed = charts.map((chart, index) => ({
      id: ++id,
      type: "timeseries",
      title: chart.title,
      datasource,
      gridPos: { x: (index % 2) * width, y: y + Math.floor(index / 2) * height, w: width, h: height },
      fieldConfig: { defaults: { unit: chart.unit, min: 0 }, overrides: [] },
      options: { legend: { displayMode: "table", placement: "bottom", calcs: ["lastNotNull", "max"] } },
      targets: chart.queries.map(({ expr, legend }, query) => ({ refId: String.fromCharCode(65 + query), datasource, expr, legendFormat: legend })),
    }));
    y += Math.ceil(charts.length / 2) * height;
    return [header, ...placed];
  });
}
