import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startTelemetry } from "./start-telemetry.js";

afterEach(() => vi.unstubAllEnvs());

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** A collector that keeps the bodies it gets. */
async function collector() {
  const requests: { readonly path: string | undefined; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({ path: request.url, body: Buffer.concat(chunks).toString() });
    response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

describe("startTelemetry", () => {
  it("exports over OTLP to the endpoint of the environment, at the latest when it is shut down", async () => {
    await using receiver = await collector();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    const telemetry = startTelemetry({ service: "lab" });
    trace.getTracer("t").startSpan("look").end();
    await telemetry.shutdown();
    expect(receiver.requests.map(({ path }) => path).sort()).toEqual(["/v1/metrics", "/v1/traces"]);
    const bodyOf = (path: string) => JSON.parse(receiver.requests.find((request) => request.path === path)?.body ?? "");
    const metrics = bodyOf("/v1/metrics").resourceMetrics[0].scopeMetrics.flatMap((scope: { metrics: { name: string }[] }) => scope.metrics);
    expect(metrics.map(({ name }: { name: string }) => name)).toContain("nodejs.eventloop.delay.max");
    const body = bodyOf("/v1/traces");
    const { resource, scopeSpans } = body.resourceSpans[0];
    const attributes = Object.fromEntries(
      resource.attributes.map(({ key, value }: { key: string; value: { stringValue: string } }) => [key, value.stringValue]),
    );
    expect(attributes).toMatchObject({ "service.name": "lab", "deployment.environment.name": "test" });
    expect(Object.keys(attributes).filter((name) => name.startsWith("process."))).toEqual([]);
    expect(scopeSpans[0].spans.map(({ name }: { name: string }) => name)).toEqual(["look"]);
  });

  it("warns of variables that it ignores, and starts all the same", async () => {
    vi.stubEnv("OTEL_TRACES_SAMPLER", "sometimes");
    vi.stubEnv("OTEL_METRICS_EXPORTER", "prometheus");
    vi.stubEnv("OTEL_EXPORTER_PROMETHEUS_PORT", "0");
    const warned: string[] = [];
    const spans = new InMemorySpanExporter();
    const logger = { debug() {}, info() {}, error() {}, warn: (_: object, text: string) => void warned.push(text) };
    const processor = new SimpleSpanProcessor({ exporter: spans });
    await using telemetry = startTelemetry({ service: "lab", logger, spanProcessors: [processor] });
    expect(warned).toEqual([expect.stringContaining("OTEL_TRACES_SAMPLER sometimes is ignored: it must be one of always_on,")]);
    // one that is free
    expect((await telemetry.listening).prometheus).toMatch(/^http:\/\/127\.0\.0\.1:(?!9464$)\d+$/);
    trace.getTracer("t").startSpan("look").end();
    await processor.forceFlush();
    expect(spans.getFinishedSpans().length).toBe(1);
  });

  it.each(["http/protobuf", "grpc"])("warns once and does not reject when nothing listens at the endpoint: %s", async (protocol) => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    const telemetry = startTelemetry({ service: "lab" });
    trace.getTracer("t").startSpan("look").end();
    await telemetry.shutdown();
    const lines = written.mock.calls.map(([line]) => JSON.parse(String(line)));
    written.mockRestore();
    expect(lines).toEqual([expect.objectContaining({ level: "warn", error: expect.stringContaining("connect ECONNREFUSED 127.0.0.1:1") })]);
  });

  it("tells while it runs that spans and metrics cannot be exported, once of each", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ada:secret@127.0.0.1:1");
    vi.stubEnv("OTEL_EXPORTER_OTLP_TIMEOUT", "100");
    vi.stubEnv("OTEL_METRIC_EXPORT_INTERVAL", "100");
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "10");
    const lines: string[] = [];
    const warn = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
    const telemetry = startTelemetry({ service: "lab", logger: { debug() {}, info() {}, warn, error: warn } });
    await vi.waitFor(
      () => {
        trace.getTracer("t").startSpan("look").end();
        expect(lines.length).toBeGreaterThanOrEqual(2);
      },
      { timeout: 20_000 },
    );
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    await telemetry.shutdown();
    vi.restoreAllMocks();
    expect(lines.toSorted()).toEqual([
      expect.stringContaining("metrics could not be exported and are lost (logged once a minute)"),
      expect.stringContaining("spans could not be exported and are lost (logged once a minute)"),
    ]);
    expect(lines.join("")).not.toContain("secret");
  });

  it("lets OTEL_SERVICE_NAME and the sampler of the environment win", async () => {
    const exporter = new InMemorySpanExporter();
    const record = async () => {
      const processor = new SimpleSpanProcessor({ exporter });
      await using _ = startTelemetry({ service: "lab", spanProcessors: [processor] });
      trace.getTracer("t").startSpan("look").end();
      await processor.forceFlush();
      return exporter.getFinishedSpans().map(({ resource }) => resource.attributes["service.name"]);
    };
    vi.stubEnv("OTEL_SERVICE_NAME", "renamed");
    expect(await record()).toEqual(["renamed"]);
    vi.stubEnv("OTEL_TRACES_SAMPLER", "always_off");
    expect(await record()).toEqual([]);
  });

  it("makes no spans where they have nowhere to go, and lets the context flow", async () => {
    await using _ = startTelemetry({ service: "lab" });
    const incoming = propagation.extract(ROOT_CONTEXT, { traceparent, baggage: "tenant=acme" });
    await context.with(incoming, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(trace.getTracer("t").startSpan("look").isRecording()).toBe(false);
      const outgoing = {};
      propagation.inject(context.active(), outgoing);
      expect(outgoing).toEqual({ traceparent, baggage: "tenant=acme" });
    });
  });

  it("does nothing at all when OTEL_SDK_DISABLED is true", async () => {
    vi.stubEnv("OTEL_SDK_DISABLED", "true");
    const exporter = new InMemorySpanExporter();
    const processor = new SimpleSpanProcessor({ exporter });
    await using _ = startTelemetry({ service: "lab", spanProcessors: [processor] });
    trace.getTracer("t").startSpan("look").end();
    await processor.forceFlush();
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(propagation.fields()).toEqual([]);
  });

  it("refuses to run twice, and can be started again after it was shut down", async () => {
    const first = startTelemetry({ service: "lab" });
    expect(() => startTelemetry({ service: "lab" })).toThrow("startTelemetry was called twice: shut the first one down before");
    await Promise.all([first.shutdown(), first.shutdown()]);
    expect(propagation.fields()).toEqual([]);
    await startTelemetry({ service: "lab" }).shutdown();
  });

  it.each([
    ["OTEL_TRACES_EXPORTER", "zipkin", "OTEL_TRACES_EXPORTER zipkin must be otlp, console or none"],
    ["OTEL_METRICS_EXPORTER", "statsd", "OTEL_METRICS_EXPORTER statsd must be otlp, console, prometheus or none"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "smoke", "OTEL_EXPORTER_OTLP_PROTOCOL smoke must be http/protobuf, http/json or grpc"],
  ])("refuses %s=%s, with which spans would vanish", (name, value, message) => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    vi.stubEnv(name, value);
    expect(() => startTelemetry({ service: "lab" })).toThrow(message);
  });

  it("needs a service name", () => {
    expect(() => startTelemetry({ service: "" })).toThrow(/^startTelemetry: service "" must not be empty/);
  });
});
