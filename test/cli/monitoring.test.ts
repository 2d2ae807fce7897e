import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectMetrics } from "@org/bus-connect/metrics";
import { busMetrics, type MetricDefinition, processMetrics, prometheusName } from "@org/bus-core/internal";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { root } from "../docs/root.js";
import { runBus } from "./support/project.js";

const run = promisify(execFile);

// each starts programs, some of them several
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const promtool = await run("promtool", ["--version"]).then(
  () => true,
  () => false,
);
if (!promtool) {
  if (process.env.CI === "true") throw new Error("the alerts need promtool, and CI=true: install the package prometheus");
  process.stderr.write("\n*** promtool is not there: the alerts are NOT checked (install the package prometheus) ***\n\n");
}

/** A file with a topic for each message. */
const protoOf = (teams: Readonly<Record<string, string>>) => `syntax = "proto3";
package shop.v1;
import "buf/validate/validate.proto";
import "org/bus/v1/options.proto";
${Object.entries(teams)
  .map(
    ([name, team]) => `
message ${name} {
  option (org.bus.v1.topic) = { name: "shop.${name.toLowerCase()}" key_field: "id" partitions: 6 owner: {team: "${team}", channel: "#${team}"} };
  string id = 1 [(buf.validate.field).required = true];
}
`,
  )
  .join("")}`;
const oddTeams = {
  Braces: "a {{ b",
  Values: "{{ $value }}",
  Lines: 'two\\nlines: \\"yes\\"',
  Spaced: "Data Team",
  Dashed: "data-team",
  Kanji: "決済",
};

let rules: string;
let folder: string;
const bus = (...args: string[]) => runBus(folder, args);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bus-alerts-"));
  await mkdir(join(folder, "proto/shop/v1"), { recursive: true });
  await writeFile(join(folder, "proto/shop/v1/shop.proto"), protoOf({ Order: "checkout", Refund: "Money & Co" }));
  await mkdir(join(folder, "odd/shop/v1"), { recursive: true });
  await writeFile(join(folder, "odd/shop/v1/shop.proto"), protoOf(oddTeams));
  const { code, stdout, stderr } = await bus("alerts", "generate", "--runbook", "https://docs.example/runbook.md");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  rules = stdout;
  await writeFile(join(folder, "rules.yaml"), rules);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Names of series in an expression of PromQL, as Prometheus has them without the suffixes of a histogram. */
function seriesIn(expr: string): readonly string[] {
  const names = expr.match(/\b(?:bus|messaging|nodejs|v8js)_[a-z0-9_]+(?=\s*(?:\{|\[|\)|$))/g) ?? [];
  return names.filter(
    (name) =>
      !/^(messaging_(destination|consumer|operation)_(name|group_name|partition_id)|bus_(stage|connector|owner_team|owner_channel|connect_task_state|message_type|contract_rule|contract_field|stream_state|rebalance_event|credit_limit))$/.test(
        name,
      ),
  );
}

const definitions: readonly MetricDefinition[] = [...Object.values(busMetrics), ...Object.values(connectMetrics), ...Object.values(processMetrics)];
const known = new Set(
  definitions.flatMap((definition) => (definition.kind === "histogram" ? [`${prometheusName(definition)}_bucket`] : [prometheusName(definition)])),
);

const labels = 'messaging_consumer_group_name="g", messaging_destination_name="shop.order"';
const where = `{${labels}}`;
const partition = (number: number) => `{${labels}, messaging_destination_partition_id="${number}"}`;

const violations = `bus_contract_violations_total{${[
  'messaging_destination_name="shop.order"',
  'bus_contract_rule="required"',
  'bus_contract_field="id"',
].join(", ")}}`;

/** What Prometheus is told, minute by minute, and which alert fires then. */
const situations: Readonly<Record<string, { readonly series: Readonly<Record<string, string>>; readonly quiet: Readonly<Record<string, string>> }>> =
  {
    BusTimeLag: { series: { [`bus_consumer_lag_time${partition(0)}`]: "400x30" }, quiet: { [`bus_consumer_lag_time${partition(0)}`]: "200x30" } },
    BusPartitionStalled: {
      series: { [`bus_consumer_stalled_time${partition(2)}`]: "0+60x30" },
      quiet: { [`bus_consumer_stalled_time${partition(2)}`]: "0 60 0 60 0 60 0 60 0 60 0 60 0 60 0 60 0 60 0 60 0 60" },
    },
    BusStreamStopped: {
      series: { [`bus_consumer_state{${labels}, bus_stream_state="failed"}`]: "1x30" },
      quiet: {
        [`bus_consumer_state{${labels}, bus_stream_state="running"}`]: "1x30",
        [`bus_consumer_state{${labels}, bus_stream_state="failed"}`]: "0x30",
      },
    },
    BusDeadLetters: {
      series: { [`bus_consumer_dead_letters_total${where}`]: "0+2x30", [`messaging_client_consumed_messages_total${where}`]: "0+100x30" },
      quiet: { [`bus_consumer_dead_letters_total${where}`]: "0+2x30", [`messaging_client_consumed_messages_total${where}`]: "0+1000x30" },
    },
    BusContractViolations: {
      series: {
        [violations]: "0+1x30",
      },
      quiet: {
        [violations]: "5x30",
      },
    },
    BusPartitionSkew: {
      // a member that has lost partition 0 tells 0 of it
      series: {
        [`bus_consumer_lag_records{instance="a", ${labels}, messaging_destination_partition_id="0"}`]: "9000x30",
        [`bus_consumer_lag_records{instance="b", ${labels}, messaging_destination_partition_id="0"}`]: "0x30",
        ...Object.fromEntries(
          [1, 2, 3, 4, 5].map((number) => [
            `bus_consumer_lag_records{instance="b", ${labels}, messaging_destination_partition_id="${number}"}`,
            "10x30",
          ]),
        ),
      },
      quiet: Object.fromEntries([0, 1, 2, 3].map((number) => [`bus_consumer_lag_records${partition(number)}`, "9000x30"])),
    },
    BusRebalanceStorm: {
      series: { [`bus_consumer_rebalances_total{${labels}, bus_rebalance_event="revoked"}`]: "0+5x30" },
      quiet: { [`bus_consumer_rebalances_total{${labels}, bus_rebalance_event="revoked"}`]: "0 0 0 0 0 8 8 8 8 8 8 8 8 8 8 8 8 8" },
    },
  };

const lagOf = (...lags: readonly number[]) =>
  Object.fromEntries(lags.map((lag, number) => [`bus_consumer_lag_records${partition(number)}`, `${lag}x30`]));

/** What is easily missed, or told for nothing. */
const edges: readonly (readonly [what: string, alert: string, series: Readonly<Record<string, string>>, fires: boolean])[] = [
  ["a counter appears with its first", "BusContractViolations", { [violations]: "_x10 1x20" }, true],
  ["it appeared with that long ago", "BusContractViolations", { [violations]: "_x3 1x27" }, false],
  [
    "counters appear with all that there is",
    "BusDeadLetters",
    { [`bus_consumer_dead_letters_total${where}`]: "_x10 50x20", [`messaging_client_consumed_messages_total${where}`]: "_x10 100x20" },
    true,
  ],
  [
    "counters appear, and few are bad",
    "BusDeadLetters",
    { [`bus_consumer_dead_letters_total${where}`]: "_x10 1x20", [`messaging_client_consumed_messages_total${where}`]: "_x10 1000x20" },
    false,
  ],
  [
    "each member is taken from once, and is another one then",
    "BusRebalanceStorm",
    Object.fromEntries(
      Array.from({ length: 40 }, (_, member) => [
        `bus_consumer_rebalances_total{instance="${member}", ${labels}, bus_rebalance_event="lost"}`,
        `_x${10 + (member % 5)} 1x15`,
      ]),
    ),
    true,
  ],
  ["one of two", "BusPartitionSkew", lagOf(9_000, 10), true],
  ["one of two, and nothing in the other", "BusPartitionSkew", lagOf(9_000, 0), true],
  ["one of three", "BusPartitionSkew", lagOf(9_000, 10, 10), true],
  ["two that are even", "BusPartitionSkew", lagOf(9_000, 9_000), false],
  ["the only one", "BusPartitionSkew", lagOf(9_000), false],
  ["one of two, by little", "BusPartitionSkew", lagOf(900, 10), false],
];

const connector = 'bus_connector="orders", bus_owner_team="checkout", bus_owner_channel="#checkout"';

/** As above, of the group for connectors. */
const ofConnectors: typeof situations = {
  BusConnectorFailed: {
    series: { [`bus_connect_tasks{${connector}, bus_connect_task_state="failed"}`]: "0 0 1x30" },
    quiet: {
      [`bus_connect_tasks{${connector}, bus_connect_task_state="failed"}`]: "0x30",
      [`bus_connect_tasks{${connector}, bus_connect_task_state="restarting"}`]: "4x30",
    },
  },
  BusConnectorStalled: {
    series: { [`bus_connect_tasks_stalled{${connector}}`]: "0 0 1x30" },
    quiet: { [`bus_connect_tasks_stalled{${connector}}`]: "0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0" },
  },
};

describe("bus alerts generate", () => {
  it("makes the alerts of each topic, with its owner as labels and a section of the runbook for each", async () => {
    const { groups } = parse(rules);
    expect(groups.map(({ name }: { name: string }) => name)).toEqual(["bus: shop.order", "bus: shop.refund", "bus: connectors"]);
    const runbook = await readFile(join(root, "docs/runbook.md"), "utf8");
    const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title]) => title?.toLowerCase());
    for (const { name, rules: ofGroup } of groups) {
      const expected = Object.keys(name === "bus: connectors" ? ofConnectors : situations);
      expect(ofGroup.map(({ alert }: { alert: string }) => alert).sort()).toEqual(expected.sort());
      for (const { alert, expr, annotations } of ofGroup) {
        expect(annotations.runbook_url).toBe(`https://docs.example/runbook.md#${alert.toLowerCase()}`);
        expect(sections).toContain(alert.toLowerCase());
        expect(seriesIn(expr).length).toBeGreaterThan(0);
        expect(seriesIn(expr).filter((name) => !known.has(name))).toEqual([]);
      }
    }
    expect(groups[1].rules[0].labels).toEqual({ severity: "page", team: "Money & Co", channel: "#Money & Co", topic: "shop.refund" });
  });

  it.skipIf(!promtool)("makes what promtool takes", async () => {
    const { stdout } = await run("promtool", ["check", "rules", join(folder, "rules.yaml")]);
    expect(stdout).toContain(`SUCCESS: ${2 * Object.keys(situations).length + Object.keys(ofConnectors).length} rules found`);
  });

  it.skipIf(!promtool).each(Object.entries({ ...situations, ...ofConnectors }))(
    "%s fires for the owner when it should, and only then",
    async (alertname, { series, quiet }) => {
      const rule = parse(rules).groups[alertname in ofConnectors ? 2 : 0].rules.find(({ alert }: { alert: string }) => alert === alertname);
      const input = (values: Readonly<Record<string, string>>) => Object.entries(values).map(([name, value]) => ({ series: name, values: value }));
      const tests = {
        rule_files: ["rules.yaml"],
        evaluation_interval: "1m",
        tests: [
          { interval: "1m", input_series: input(quiet), alert_rule_test: [{ eval_time: "22m", alertname, exp_alerts: [] }] },
          { interval: "1m", input_series: input(series), alert_rule_test: [{ eval_time: "1s", alertname, exp_alerts: [] }] },
        ],
      };
      const file = join(folder, `${alertname}.json`);
      await writeFile(file, JSON.stringify(tests));
      await run("promtool", ["test", "rules", file]);
      // what fires is read from what promtool says when nothing is expected
      const firing = {
        ...tests,
        tests: [{ interval: "1m", input_series: input(series), alert_rule_test: [{ eval_time: "22m", alertname, exp_alerts: [] }] }],
      };
      await writeFile(file, JSON.stringify(firing));
      const { stderr } = await run("promtool", ["test", "rules", file]).catch((failure: { stderr: string }) => failure);
      const [, got = ""] = stderr.split("got:");
      expect(got).toContain(`alertname="${alertname}"`);
      const owner: Readonly<Record<string, string>> = alertname in ofConnectors ? { team: "checkout", channel: "#checkout" } : {};
      for (const [name, value] of Object.entries({ ...rule.labels, ...owner })) expect(got).toContain(`${name}="${value}"`);
      expect(got).toContain(alertname in ofConnectors ? 'bus_connector="orders"' : "shop.order");
      expect(got).not.toContain("{{");
    },
  );

  it.skipIf(!promtool).each(edges)("%s: %s", async (_, alertname, series, fires) => {
    const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
    const nothing = { interval: "1m", input_series, alert_rule_test: [{ eval_time: "24m", alertname, exp_alerts: [] }] };
    const file = join(folder, "edge.json");
    await writeFile(file, JSON.stringify({ rule_files: ["rules.yaml"], evaluation_interval: "1m", tests: [nothing] }));
    const said = await run("promtool", ["test", "rules", file]).then(
      () => "nothing",
      ({ stderr }: { stderr: string }) => stderr,
    );
    if (fires) expect(said).toContain(`alertname="${alertname}"`);
    else expect(said).toBe("nothing");
  });

  it.skipIf(!promtool)("takes the names of owners as they are", async () => {
    expect(await bus("alerts", "generate", "odd", "--out", "odd.yaml")).toMatchObject({ code: 0 });
    expect((await run("promtool", ["check", "rules", join(folder, "odd.yaml")])).stdout).toContain("SUCCESS");
    const test = (name: string, team: string) => {
      const exp_labels = {
        messaging_consumer_group_name: "g",
        messaging_destination_name: name,
        severity: "page",
        team,
        channel: `#${team}`,
        topic: name,
      };
      const series = `bus_consumer_lag_time{messaging_consumer_group_name="g", messaging_destination_name="${name}"}`;
      const exp_annotations = { summary: `group g is 6m 40s behind on ${name}`, runbook_url: "docs/runbook.md#bustimelag" };
      const alert_rule_test = [{ eval_time: "22m", alertname: "BusTimeLag", exp_alerts: [{ exp_labels, exp_annotations }] }];
      return { interval: "1m", input_series: [{ series, values: "400x30" }], alert_rule_test };
    };
    const tests = [
      test("shop.braces", "a {{ b"),
      test("shop.values", "{{ $value }}"),
      test("shop.lines", 'two\nlines: "yes"'),
      test("shop.kanji", "決済"),
    ];
    await writeFile(join(folder, "odd.json"), JSON.stringify({ rule_files: ["odd.yaml"], evaluation_interval: "1m", tests }));
    await run("promtool", ["test", "rules", join(folder, "odd.json")]);
  });

  it("writes a file, and says whether that changed", async () => {
    const first = await bus("alerts", "generate", "--out", "alerts.yaml");
    expect(first).toMatchObject({ code: 0, stdout: "alerts.yaml: alerts of 2 topics\n" });
    expect((await bus("alerts", "generate", "--out", "alerts.yaml", "--json")).stdout).toBe('{"out":"alerts.yaml","topics":2,"written":false}\n');
  });
});

const dashboardSchema = z.object({
  uid: z.string().regex(/^[a-z0-9-]{1,40}$/),
  title: z.string(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.enum(["datasource", "custom", "query"]) })) }),
  panels: z.array(
    z.object({
      id: z.number().int(),
      type: z.enum(["row", "timeseries"]),
      title: z.string().min(1),
      gridPos: z.object({ x: z.number().min(0), y: z.number().min(0), w: z.number().max(24), h: z.number().min(1) }),
      targets: z.array(z.object({ refId: z.string().regex(/^[A-Z]$/), expr: z.string().min(1), legendFormat: z.string() })).optional(),
    }),
  ),
});

describe("bus dashboards generate", () => {
  it("makes a dashboard of each team whose panels ask for metrics that there are", async () => {
    const { code, stdout } = await bus("dashboards", "generate", "--out", "boards");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "boards: checkout.json, money-co.json\n" });
    for (const [file, ofTeam] of [
      ["checkout.json", "shop.order"],
      ["money-co.json", "shop.refund"],
    ] as const) {
      const board = dashboardSchema.parse(JSON.parse(await readFile(join(folder, "boards", file), "utf8")));
      const charts = board.panels.filter(({ type }) => type === "timeseries");
      expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
      expect(charts.length).toBeGreaterThan(15);
      for (const { title, targets = [] } of charts) {
        expect(targets.length, title).toBeGreaterThan(0);
        for (const { expr } of targets) {
          expect(seriesIn(expr).length, expr).toBeGreaterThan(0);
          expect(
            seriesIn(expr).filter((name) => !known.has(name)),
            title,
          ).toEqual([]);
        }
      }
      expect(JSON.stringify(board.templating)).not.toBe("");
      expect(await readFile(join(folder, "boards", file), "utf8")).toContain(`"query": "${ofTeam}"`);
    }
  });

  it("gives each team a dashboard of its own, however alike their names", async () => {
    const { stdout } = await bus("dashboards", "generate", "odd", "--out", "odd-boards", "--json");
    const { files } = z.object({ files: z.array(z.string()) }).parse(JSON.parse(stdout));
    const boards = await Promise.all(
      files.map(async (file) => dashboardSchema.parse(JSON.parse(await readFile(join(folder, "odd-boards", file), "utf8")))),
    );
    const titles = Object.values(oddTeams).map((team) => `bus: ${JSON.parse(`"${team}"`)}`);
    expect(boards.map(({ title }) => title).sort()).toEqual(titles.sort());
    expect(new Set(boards.map(({ uid }) => uid)).size).toBe(titles.length);
    expect(files).toContain("a-b.json");
    expect(files.filter((file) => /^data-team-[0-9a-f]{8}\.json$/.test(file))).toHaveLength(2);
  });

  it.skipIf(!promtool)("asks in PromQL that Prometheus understands", async () => {
    await bus("dashboards", "generate", "--out", "boards");
    const board = dashboardSchema.parse(JSON.parse(await readFile(join(folder, "boards/checkout.json"), "utf8")));
    const asked = board.panels.flatMap(({ targets = [] }) =>
      targets.map(({ expr }) => expr.replaceAll("$__rate_interval", "5m").replaceAll(/\$(topic|group)/g, "x")),
    );
    const groups = [{ name: "dashboard", rules: asked.map((expr, index) => ({ record: `panel:${index}`, expr })) }];
    const file = join(folder, "dashboard.json");
    await writeFile(file, JSON.stringify({ groups }));
    expect((await run("promtool", ["check", "rules", file])).stdout).toContain(`${asked.length} rules found`);
  });
});
