import { describe, expect, test } from "vitest";
import { kafkaForTests } from "../../../test/support/kafka.js";
import { countFeed } from "./feed-counts.js";
import { receiveOtlp } from "./otlp-receiver.js";
import { type ProgramRun, runProgram } from "./run-program.js";
import { type DrawnSpan, parseSpanTree } from "./span-tree.js";

const kafka = await kafkaForTests();
const feed = countFeed();

const refused = [
  { path: "palce", rule: "unknown_field" },
  { path: "magnitude", rule: "type" },
  { path: "location.latitude", rule: "double.gte_lte" },
];

/** The document that a run must print, but for `maxConcurrent`, which depends on the machine. */
const document = {
  published: feed.total,
  refused,
  processed: feed.total,
  alerts: feed.strong,
  perNetwork: feed.perNetwork,
  duplicates: 0,
  orderViolations: 0,
};

function expectDocument({ code, stdout, stderr }: ProgramRun): void {
  expect(code, stderr).toBe(0);
  const { maxConcurrent, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual(document);
  // one key per network: more than one at once, and never more than there are
  expect(maxConcurrent).toBeGreaterThan(1);
  expect(maxConcurrent).toBeLessThanOrEqual(Object.keys(feed.perNetwork).length);
}

describe("the feed", () => {
  test("is the one that the contract was written from", () => {
    expect(feed).toMatchObject({ total: 1_707, strong: 85 });
    expect(Object.keys(feed.perNetwork)).toHaveLength(12);
  });
});

describe("quakes in memory", { timeout: 60_000 }, () => {
  test("prints one JSON document that agrees with the feed", async () => {
    const run = await runProgram(["--json"]);
    expectDocument(run);
    expect(run.stderr).toBe("");
  });

  test("prints the refusals, the counts, the alerts and a trace for people", async () => {
    const { code, stdout, stderr } = await runProgram([]);
    expect(stderr).toBe("");
    const lines = stdout.split("\n").map((line) => line.trimEnd());
    expect(lines[0]).toBe("1707 earthquakes of 12 networks, in memory");
    expect(lines.slice(1, 5)).toEqual(["assessed 427 of 1707", "assessed 854 of 1707", "assessed 1281 of 1707", "assessed 1707 of 1707"]);
    for (const { path, rule } of refused) expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^  ${path.replace(".", "\\.")} +${rule} `)));
    for (const [network, count] of Object.entries(feed.perNetwork)) {
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^  ${network} +${count}  ▇+$`)));
    }
    expect(lines).toContain("  sum  1707, of 1707 assessed");
    expect(lines).toContain("85 alerts from magnitude 4.5, the strongest of them");
    expect(lines).toContain("  0 duplicates, 0 out of order");
    const title = lines.findIndex((line) => /^The trace of us1000chhc: [0-9a-f]{32}$/.test(line));
    const tree = lines.slice(title + 1, lines.indexOf("", title));
    const label = (name: string, ...children: DrawnSpan[]): DrawnSpan => ({ label: name, children });
    expect(parseSpanTree(tree)).toEqual([
      label(
        "create quakes.reported.v1",
        label(
          "process quakes.reported.v1 by quake-alerts",
          label("create quakes.alerts.v1", label("process quakes.alerts.v1 by quake-desk"), label("send quakes.alerts.v1")),
        ),
        label("process quakes.reported.v1 by quake-counts"),
      ),
    ]);
    expect(code).toBe(0);
  });

  test("shows how it is used", async () => {
    const { code, stdout } = await runProgram(["--help"]);
    expect(stdout).toContain("Usage: npm start -- [options]");
    for (const option of ["--kafka", "--json", "--help"]) expect(stdout).toContain(`\n  ${option} `);
    expect(code).toBe(0);
  });

  test("refuses an option that there is not", async () => {
    const { code, stdout, stderr } = await runProgram(["--kafak"]);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^Unknown option '--kafak'/);
    expect(code).toBe(2);
  });

  test("sends all its spans where OTEL_EXPORTER_OTLP_ENDPOINT says", async () => {
    await using receiver = await receiveOtlp();
    expectDocument(await runProgram(["--json"], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" } }));
    // what was refused has a span as well; each quake is processed by two groups
    expect(receiver.spans.get("create quakes.reported.v1")).toBe(feed.total + refused.length);
    expect(receiver.spans.get("process quakes.reported.v1")).toBe(2 * feed.total);
    expect(receiver.spans.get("create quakes.alerts.v1")).toBe(feed.strong);
    expect(receiver.spans.get("process quakes.alerts.v1")).toBe(feed.strong);
  });

  test("prints its results also where no collector listens, with a warning", async () => {
    const run = await runProgram(["--json"], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" } });
    expectDocument(run);
    const lines = run.stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const line of lines) expect(line).toMatchObject({ level: "warn", error: "connect ECONNREFUSED 127.0.0.1:1" });
    // of the last export; a run that is long enough for others has one of spans and one of metrics before
    expect(new Set(lines.map(({ message }) => message)).size).toBe(lines.length);
    expect(lines.at(-1).message).toBe("the last telemetry could not be exported");
  });

  test("closes cleanly when it is interrupted", async () => {
    const { code, stderr } = await runProgram([], {
      onStdout: (stdout, child) => {
        if (stdout.includes("assessed 427 of 1707")) child.kill("SIGINT");
      },
    });
    expect(stderr).toMatch(/^interrupted after \d+ of 1707\n$/);
    expect(code).toBe(130);
  });

  // closed from the start: a reader that goes away later can be slower than the whole run
  test.each([{ args: [] }, { args: ["--json"] }])("ends quietly when nobody reads its output: $args", async ({ args }) => {
    const { code, stderr } = await runProgram(args, { onStart: (child) => child.stdout.destroy() });
    expect(stderr).toBe("");
    expect(code).toBe(141);
  });

  test("names what the machine lacks for a Kafka of its own, an empty KAFKA_BROKERS or none", async () => {
    for (const KAFKA_BROKERS of [undefined, "", " "]) {
      const env = { PATH: "/nowhere", ...(KAFKA_BROKERS === undefined ? {} : { KAFKA_BROKERS }) };
      const { code, stdout, stderr } = await runProgram(["--kafka", "--json"], { env });
      expect(stderr).toMatch(/^cannot start Apache Kafka [\d.]+: java is not on the PATH \(install Java 17 or newer\)/);
      expect([code, stdout]).toEqual([1, ""]);
    }
  });
});

// what it says on stderr here is up to the cluster: a new one is not ready at once
describe.skipIf(!kafka.available)("quakes on Kafka", { timeout: 120_000 }, () => {
  test("prints the same document on a Kafka of its own", async () => {
    expectDocument(await runProgram(["--kafka", "--json"]));
  });

  test("counts its own quakes only, on a Kafka that has seen an earlier run", async () => {
    const env = { KAFKA_BROKERS: kafka.brokers.join(",") };
    expectDocument(await runProgram(["--kafka", "--json"], { env }));
    expectDocument(await runProgram(["--kafka", "--json"], { env }));
  });
});
