import type { TopicDeclaration } from "@org/bus-core";
import { CONNECTOR, connectSeries, GROUP, OWNER_CHANNEL, OWNER_TEAM, PARTITION, series, TASK_STATE, TOPIC } from "./metric-names.js";

/** One alert, as a rule of Prometheus has it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** For how long it has to hold. */
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Alert {
  readonly name: string;
  /** `page`: somebody has to look now; `ticket`: today. */
  readonly severity: "page" | "ticket";
  readonly for: string;
  /** @param topic selector of the series of a topic: `messaging_destination_name="orders"` */
  readonly expr: (topic: string) => string;
  readonly summary: string;
}

const byGroup = `by (${GROUP}, ${TOPIC})`;
const group = `{{ $labels.${GROUP} }}`;
const topicOf = `{{ $labels.${TOPIC} }}`;

/** Of several members, one that has lost a partition tells 0 of it. */
const lagOfPartitions = (topic: string) => `max by (${GROUP}, ${TOPIC}, ${PARTITION}) (${series.lagRecords}{${topic}})`;

const largestLag = (topic: string) => `max ${byGroup} (${lagOfPartitions(topic)})`;
/** Not of all: of two or three partitions the largest is never more than three times their mean. Of one it is infinite. */
const meanOfOtherLags = (topic: string) => {
  const lags = lagOfPartitions(topic);
  return `(clamp_min(sum ${byGroup} (${lags}) - ${largestLag(topic)}, 1) / (count ${byGroup} (${lags}) - 1))`;
};

const window = "15m";

/**
 * By how much counters have grown of late. `increase` begins to count at the first value that Prometheus has seen: what a counter has when it appears,
 * such as the one message that was refused since the start, would never be told.
 */
const grown = (name: string, where: string) =>
  `(${name}{${where}} unless ${name}{${where}} offset ${window} or increase(${name}{${where}}[${window}]))`;

/** The alerts that every topic gets; `docs/runbook.md` has a section for each. */
export const alerts: readonly Alert[] = [
  {
    name: "BusTimeLag",
    severity: "page",
    for: "5m",
    expr: (topic) => `max ${byGroup} (${series.lagTime}{${topic}}) > 300`,
    summary: `group ${group} is {{ $value | humanizeDuration }} behind on ${topicOf}`,
  },
  {
    name: "BusPartitionStalled",
    severity: "page",
    for: "1m",
    expr: (topic) => `max by (${GROUP}, ${TOPIC}, ${PARTITION}) (${series.stalledTime}{${topic}}) > 120`,
    summary: `partition {{ $labels.${PARTITION} }} of ${topicOf} has not moved in group ${group} for {{ $value | humanizeDuration }}`,
  },
  {
    name: "BusStreamStopped",
    severity: "page",
    for: "2m",
    expr: (topic) => `sum ${byGroup} (${series.streamState}{${topic}, bus_stream_state=~"failed|restarting"}) > 0`,
    summary: `{{ $value }} streams of group ${group} on ${topicOf} do not run`,
  },
  {
    name: "BusDeadLetters",
    severity: "ticket",
    for: "5m",
    expr: (topic) =>
      `sum ${byGroup} ${grown(series.deadLetters, topic)} / clamp_min(sum ${byGroup} ${grown(series.consumedMessages, topic)}, 1) > 0.01`,
    summary: `{{ $value | humanizePercentage }} of what group ${group} reads of ${topicOf} becomes a dead letter`,
  },
  {
    name: "BusContractViolations",
    severity: "ticket",
    for: "0m",
    expr: (topic) => `sum by (${TOPIC}, bus_message_type, bus_contract_rule, bus_contract_field) ${grown(series.contractViolations, topic)} > 0`,
    summary: `messages for ${topicOf} are refused: {{ $labels.bus_contract_field }} breaks {{ $labels.bus_contract_rule }}`,
  },
  {
    name: "BusPartitionSkew",
    severity: "ticket",
    for: "15m",
    expr: (topic) => `${largestLag(topic)} / ${meanOfOtherLags(topic)} > 3 and ${largestLag(topic)} > 1000`,
    summary: `one partition of ${topicOf} is {{ $value | humanize }} times as far behind as the others in group ${group}`,
  },
  {
    name: "BusRebalanceStorm",
    severity: "ticket",
    for: "5m",
    expr: (topic) => `sum ${byGroup} ${grown(series.rebalances, `${topic}, bus_rebalance_event!="assigned"`)} > 30`,
    summary: `partitions of ${topicOf} were taken from members of group ${group} {{ $value | humanize }} times in 15 minutes`,
  },
];

const byConnector = `by (${CONNECTOR}, ${OWNER_TEAM}, ${OWNER_CHANNEL})`;
const connector = `{{ $labels.${CONNECTOR} }}`;
/** A connector tells its owner with its state: that of the topic that it writes to or reads from, or one of its own. */
const ownerOfConnector = { team: `{{ $labels.${OWNER_TEAM} }}`, channel: `{{ $labels.${OWNER_CHANNEL} }}` };

/** Those of connectors, which belong to no topic: the label `bus_connector` says which one. */
const ofConnectors: readonly Alert[] = [
  {
    name: "BusConnectorFailed",
    severity: "page",
    for: "1m",
    expr: () => `sum ${byConnector} (${connectSeries.tasks}{${TASK_STATE}="failed"}) > 0`,
    summary: `{{ $value }} tasks of connector ${connector} have failed and are restarted no more`,
  },
  {
    name: "BusConnectorStalled",
    severity: "page",
    for: "1m",
    expr: () => `max ${byConnector} (${connectSeries.stalled}) > 0`,
    summary: `{{ $value }} tasks of connector ${connector} have something to do and finish nothing of it`,
  },
];

/** The alerts of `topic`, with its owner as labels. @param runbook address of the page that has a section for each */
export function alertRules({ name: topic, owner }: TopicDeclaration, runbook: string): readonly AlertRule[] {
  const labels = { team: literal(owner.team), channel: literal(owner.channel), topic };
  return alerts.map((alert) => toRule(alert, `${TOPIC}="${topic}"`, labels, runbook));
}

/** Labels are templates; names are not. */
const literal = (name: string): string => name.replaceAll("{{", '{{ "{{" }}');

/** The alerts of all connectors, with the owner that each tells as labels. @param runbook as above */
export function connectorRules(runbook: string): readonly AlertRule[] {
  return ofConnectors.map((alert) => toRule(alert, "", ownerOfConnector, runbook));
}

function toRule(alert: Alert, topic: string, labels: Readonly<Record<string, string>>, runbook: string): AlertRule {
  return {
    alert: alert.name,
    expr: alert.expr(topic),
    for: alert.for,
    labels: { severity: alert.severity, ...labels },
    annotations: { summary: alert.summary, runbook_url: `${runbook}#${alert.name.toLowerCase()}` },
  };
}
