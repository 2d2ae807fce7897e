import { type MetricTable, prometheusName } from "@org/bus-core/internal";

const introduction = `<!-- made from the tables of metrics in the code by vitest run test/docs/metrics.test.ts -u; changes are overwritten -->

# Metrics

What the packages measure, in instruments of OpenTelemetry. Names that begin with \`messaging\`, \`nodejs\` and \`v8js\` are those of the semantic conventions 1.45.0, which are in Development;
\`bus.*\` is ours. They are written where an SDK is registered ([\`startTelemetry\`](../packages/telemetry/README.md)): exported over OTLP, or read by Prometheus. Without one nothing is computed.

- Gauges and up-down counters are read from what \`explain()\` knows when metrics are collected; the ends of logs are asked of the cluster then. No message pays for them.
- A partition that has moved to another member reads 0 on the member that had it: the SDK would repeat its last value for ever. Ask for the \`max\` over members.
- No attribute holds a key, an id or a text of a message. The fields of \`bus.contract.violations\` are declared ones, 100 of a contract at most.
- The name in Prometheus is that of our own endpoint. A collector between may add units to it (\`_seconds\`); its \`add_metric_suffixes\` turns that off.

\`bus alerts generate\` and \`bus dashboards generate\` make alerts and dashboards of them; the [runbook](runbook.md) says what to do.
`;

/** `docs/metrics.md`, from the tables of all packages. */
export function metricsPage(tables: Readonly<Record<string, MetricTable>>): string {
  const sections = Object.entries(tables).map(([name, table]) => {
    const rows = Object.values(table).map((definition) => {
      const { name: metric, kind, unit, description, attributes } = definition;
      const listed = attributes.map((attribute) => `\`${attribute}\``).join(", ");
      return `| \`${metric}\` | ${kinds[kind]} | \`${unit}\` | ${description} | ${listed} | \`${prometheusName(definition)}\` |`;
    });
    return `## ${name}\n\n| metric | kind | unit | what it says | attributes | in Prometheus |\n|---|---|---|---|---|---|\n${rows.join("\n")}\n`;
  });
  return [introduction, ...sections].join("\n");
}

const kinds = { counter: "counter", histogram: "histogram", gauge: "gauge", upDownCounter: "up-down counter" } as const;
