import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { trace } from "@opentelemetry/api";
import { defineConnector, fromTopic, map, runConnector, toTopic } from "@org/bus-connect";
import { feedSource } from "@org/bus-connect-http";
import { postgresSink } from "@org/bus-connect-postgres";
import { type Contract, createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { filterMessages, mapKeyed, mapMessages, publishTo, stream } from "@org/bus-streams";
import { startTelemetry } from "@org/bus-telemetry";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Feature } from "../../examples/quakes/src/feed/feature.js";
import { toReport } from "../../examples/quakes/src/feed/to-report.js";
import { QuakeAlert, QuakeReported } from "../../examples/quakes/src/gen/quakes/v1/quakes.js";
import { connect, secretUrl } from "../postgres/setup.js";
import { jaegerForTests } from "../support/jaeger/jaeger.js";
import { isSend, type JaegerSpan, type SpanShape, shapeOf, traces } from "../support/jaeger/query.js";
import { kafkaForTests } from "../support/kafka.js";
import { postgresForTests } from "../support/servers/postgres.js";

const broker = await kafkaForTests();
const postgres = await postgresForTests();
const jaeger = await jaegerForTests();

// a Jaeger or a Kafka that was running before may know earlier runs, and the example has these topics, too
const run = `-${process.pid}-${Date.now().toString(36)}`;
const ofThisRun = <T extends object, Init extends object>(contract: Contract<T, Init>): Contract<T, Init> =>
  contract.topic === undefined ? contract : { ...contract, topic: { ...contract.topic, name: contract.topic.name + run } };
const Reported = ofThisRun(QuakeReported);
const Alert = ofThisRun(QuakeAlert);

/** The shape of a trace, with names as they are in every run. */
const shape = (spans: readonly JaegerSpan[], isLeftOut?: (span: JaegerSpan) => boolean): readonly SpanShape[] =>
  JSON.parse(JSON.stringify(shapeOf(spans, isLeftOut)).replaceAll(run, ""));

const withoutSends = (shapes: readonly SpanShape[]): readonly SpanShape[] =>
  shapes
    .filter((span) => !isSend(span))
    .map(({ children = [], ...span }) => {
      const kept = withoutSends(children);
      return kept.length === 0 ? span : { ...span, children: kept };
    });

/** Two quakes of the feed of the example that lead to an alert, and one that does not. */
function someQuakes(): readonly [first: Feature, second: Feature, weak: Feature] {
  const dataset = createRequire(new URL("../../examples/quakes/package.json", import.meta.url)).resolve("vega-datasets");
  const { features }: { features: readonly Feature[] } = JSON.parse(readFileSync(join(dirname(dataset), "../data/earthquakes.json"), "utf8"));
  const [first, second] = features.filter(({ properties }) => properties.mag >= 5);
  const weak = features.find(({ properties }) => properties.mag < 2);
  if (first === undefined || second === undefined || weak === undefined) throw new Error("the feed has no such quakes");
  return [first, second, weak];
}

/** Serves what it was last told, newest first, as the USGS does. */
async function serveFeed() {
  let text = "";
  let version = 0;
  const server = createServer((request, response) => {
    const etag = `"${version}"`;
    if (request.headers["if-none-match"] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    // a server on a TCP port has an AddressInfo
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    show(...features: readonly Feature[]) {
      text = JSON.stringify({ features });
      version++;
    },
  };
}

describe.skipIf(!broker.available || !postgres.available || jaeger === undefined)("the trace of an earthquake", { timeout: 120_000 }, () => {
  test("is one from the feed over connectors, topics and pipeline to its row in PostgreSQL, read back from Jaeger", async () => {
    if (jaeger === undefined) return;
    const expected: readonly [SpanShape] = JSON.parse(readFileSync(new URL("earthquake.json", import.meta.url), "utf8"));
    const service = `earthquake${run}`;
    vi.stubEnv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", `${jaeger.otlpUrl}/v1/traces`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const [first, second, weak] = someQuakes();
    const feed = await serveFeed();
    const client = await connect(postgres.url);
    const rows = async () => (await client.query("select id, magnitude, people_exposed from alerts")).rows;
    /** By the id of the quake. */
    const traceIds = new Map<string, string | undefined>();

    const telemetry = startTelemetry({ service, prometheus: { port: 0 } });
    onTestFinished(() => telemetry.shutdown());
    let metrics: string;
    {
      await using bus = createBus({ service, transport: kafka({ brokers: broker.brokers }) });
      await bus.topics.ensure([Reported, Alert]);
      await using _alerts = stream(bus, Reported, { group: `quake-alerts${run}`, from: "earliest" })
        .pipe(
          mapKeyed(async (quake) => {
            traceIds.set(quake.id, trace.getActiveSpan()?.spanContext().traceId);
            return { quake, peopleExposed: Math.round(quake.magnitude) * 1_000 };
          }),
          filterMessages(({ quake }) => quake.magnitude >= 4.5),
          mapMessages(({ quake: { id, network, magnitude }, peopleExposed }) => ({
            id,
            network,
            magnitude,
            summary: `M ${magnitude}`,
            peopleExposed,
          })),
          publishTo(Alert),
        )
        .run();
      await using toRows = runConnector(
        bus,
        defineConnector({
          name: `alert-rows${run}`,
          source: fromTopic(Alert, { from: "earliest" }),
          sink: postgresSink({ connection: { url: secretUrl(postgres.url) }, contract: Alert, table: "alerts", key: ["id"], createTable: true }),
        }),
      );
      feed.show(first);
      await using fromFeed = runConnector(
        bus,
        defineConnector({
          name: `quake-feed${run}`,
          source: feedSource<Feature>({ url: feed.url, intervalMs: 100, items: ({ features }: { features: readonly Feature[] }) => features }),
          transforms: [map(toReport)],
          sink: toTopic(Reported),
        }),
      );
      const rowOf = ({ id, properties: { mag } }: Feature) => ({ id, magnitude: mag, people_exposed: String(Math.round(mag) * 1_000) });
      await expect.poll(() => rows().catch(() => [])).toEqual([rowOf(first)]);
      feed.show(second, weak, first);
      await expect.poll(rows).toEqual([rowOf(first), rowOf(second)]);
      await fromFeed.stop();
      await toRows.stop();
      metrics = await (await fetch(`${(await telemetry.listening).prometheus}/metrics`)).text();
    }
    await telemetry.shutdown();

    const write = "write postgres-upsert";
    const ofQuake = (all: readonly (readonly JaegerSpan[])[], { id }: Feature) => all.find(([span]) => span?.traceId === traceIds.get(id)) ?? [];
    const isThere = (all: readonly (readonly JaegerSpan[])[]) => JSON.stringify(shape(ofQuake(all, first))) === JSON.stringify(expected);
    const found = await traces(jaeger, service, write, (all) => all.length === 2 && isThere(all));
    expect(shape(ofQuake(found, first))).toEqual(expected);
    // read together with another: a trace of its own, which links to that read
    expect(shape(ofQuake(found, second), isSend)).toEqual(withoutSends(expected[0].children ?? []));
    expect(found).toHaveLength(2);

    const value = (metric: string, connector: string): number =>
      Number(new RegExp(`^bus_connect_${metric}\\{[^}]*bus_connector="${connector}${run}"[^}]*\\} (\\d+)$`, "m").exec(metrics)?.[1]);
    expect(["read", "written"].map((what) => value(`records_${what}_total`, "quake-feed"))).toEqual([3, 3]);
    expect(["read", "written"].map((what) => value(`records_${what}_total`, "alert-rows"))).toEqual([2, 2]);
    expect(value("write_duration_count", "alert-rows")).toBe(2);
    expect(value("write_duration_count", "quake-feed")).toBe(3);
  });
});
