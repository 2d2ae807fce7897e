import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { jaegerForTests } from "../../../test/support/jaeger/jaeger.js";
import { isSend, type JaegerSpan, operations, type SpanShape, services, shapeOf, traces } from "../../../test/support/jaeger/query.js";
import { kafkaForTests } from "../../../test/support/kafka.js";
import { countFeed } from "./feed-counts.js";
import { runProgram } from "./run-program.js";

const kafka = await kafkaForTests();
const jaeger = await jaegerForTests();
const feed = countFeed();

/** The committed shape, with the name that the service has in this run. */
function expectedShape(service: string): readonly SpanShape[] {
  const text = readFileSync(new URL("trace-of-one-quake.json", import.meta.url), "utf8");
  return JSON.parse(text, (key, value) => (key === "service" ? service : value));
}

const endMs = ({ startMs, durationMs }: JaegerSpan): number => startMs + durationMs;
const ms = (times: Readonly<Record<string, unknown>> | undefined, name: string): number => Number(times?.[`bus.${name}_ms`] ?? 0);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Spans take their beginnings in whole milliseconds, each for itself. */
const clockErrorMs = 2;

describe.skipIf(!kafka.available || jaeger === undefined)("the traces of quakes on Kafka, read back from Jaeger", { timeout: 180_000 }, () => {
  test("follow each quake from the feed to the desk, with times that add up", async () => {
    if (jaeger === undefined) return;
    // a Jaeger or a Kafka that was running before may know earlier runs
    const service = `quakes-${process.pid}-${Date.now().toString(36)}`;
    const env = { KAFKA_BROKERS: kafka.brokers.join(","), OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl, OTEL_SERVICE_NAME: service };
    const { code, stdout, stderr } = await runProgram(["--kafka"], { env });
    expect(code, stderr).toBe(0);

    const expected = expectedShape(service);
    const isComplete = (spans: readonly JaegerSpan[]) => JSON.stringify(shapeOf(spans, isSend)) === JSON.stringify(expected);
    const alerted = await traces(jaeger, service, "create quakes.alerts.v1", (all) => all.length === feed.strong && all.every(isComplete));

    expect(await services(jaeger)).toContain(service);
    const topics = ["quakes.alerts.v1", "quakes.reported.v1"];
    expect(await operations(jaeger, service)).toEqual(["create", "process", "send"].flatMap((name) => topics.map((topic) => `${name} ${topic}`)));

    // the strongest, which the program names, and all others that led to an alert
    const strongest = /^The trace of us1000chhc: ([0-9a-f]{32})$/m.exec(stdout)?.[1];
    const one = alerted.find(([span]) => span?.traceId === strongest);
    expect(shapeOf(one ?? [], isSend)).toEqual(expected);
    expect(alerted).toHaveLength(feed.strong);
    for (const spans of alerted) expect(shapeOf(spans, isSend)).toEqual(expected);

    const paths = alerted.map((spans) => {
      const named = (operation: string, group?: string) =>
        spans.find((span) => span.operation === operation && (group === undefined || span.tags["messaging.consumer.group.name"] === group));
      const reported = named("create quakes.reported.v1");
      const assessed = named("process quakes.reported.v1", "quake-alerts");
      const alert = named("create quakes.alerts.v1");
      const received = named("process quakes.alerts.v1", "quake-desk");
      if (reported === undefined || assessed === undefined || alert === undefined || received === undefined) throw new Error("a span is missing");
      return { reported, assessed, alert, received };
    });
    for (const { reported, assessed, alert, received } of paths) {
      // what waits for its child encloses it; what follows from a message begins after it
      expect(alert.startMs).toBeGreaterThanOrEqual(assessed.startMs - clockErrorMs);
      expect(endMs(alert)).toBeLessThanOrEqual(endMs(assessed) + clockErrorMs);
      expect(assessed.startMs).toBeGreaterThanOrEqual(reported.startMs - clockErrorMs);
      expect(received.startMs).toBeGreaterThanOrEqual(alert.startMs - clockErrorMs);
      // whoever published it waited for its batch, and no longer than until it was acknowledged
      expect(ms(alert.tags, "wait.batch")).toBeLessThanOrEqual(alert.durationMs + clockErrorMs);
      expect(assessed.events.map((event) => event["bus.stage.name"])).toContain("mapKeyed");
    }
    // half of them at least, to what rounding leaves: the machine may stop any of them between two looks at the clock
    const untilBegun = paths.map(({ reported, assessed }) => {
      const [first] = assessed.events;
      const waits = ms(assessed.tags, "wait.topic") + ms(first, "wait.key") + ms(first, "wait.slot");
      return Math.abs(assessed.startMs - reported.startMs - waits);
    });
    const inside = paths.map(({ assessed }) => {
      const waits = assessed.events.slice(1).reduce((sum, event) => sum + ms(event, "wait.key") + ms(event, "wait.slot"), 0);
      return Math.abs(assessed.durationMs - ms(assessed.tags, "handler") - ms(assessed.tags, "wait.retry") - waits);
    });
    expect(median(untilBegun)).toBeLessThanOrEqual(3 * clockErrorMs);
    expect(median(inside)).toBeLessThanOrEqual(3 * clockErrorMs);
  });
});
