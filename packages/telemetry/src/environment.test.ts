import { describe, expect, it } from "vitest";
import { readEnvironment } from "./environment.js";

describe("readEnvironment", () => {
  it.each([
    [{}, []],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, []],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }, ["otlp"]],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://collector:4318/v1/traces" }, ["otlp"]],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_TRACES_EXPORTER: "none" }, []],
    [{ OTEL_TRACES_EXPORTER: "otlp, console" }, ["otlp", "console"]],
  ])("exports with %o to %o", (environment, expected) => {
    expect(readEnvironment(environment).spanExporters).toEqual(expected);
  });

  it.each([
    [{}, [], undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }, ["otlp"], undefined],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://collector:4318/v1/metrics" }, ["otlp"], undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_METRICS_EXPORTER: "none" }, [], undefined],
    [{ OTEL_METRICS_EXPORTER: "prometheus,otlp" }, ["otlp"], { port: 9464, host: "127.0.0.1" }],
    [
      { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "9000", OTEL_EXPORTER_PROMETHEUS_HOST: "0.0.0.0" },
      [],
      { port: 9000, host: "0.0.0.0" },
    ],
    [{ OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0" }, [], { port: 0, host: "127.0.0.1" }],
    [{ OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "" }, [], { port: 9464, host: "127.0.0.1" }],
    [{ OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "65536" }, [], { port: 9464, host: "127.0.0.1" }],
  ])("exports metrics with %o to %o, and serves them at %o", (environment, exporters, prometheus) => {
    expect(readEnvironment(environment).metrics).toMatchObject({ exporters, prometheus });
  });

  it.each(["localhost:4318", "collector", "ada:secret@collector:4318", "http://", "ftp://collector"])("refuses the endpoint %s", (endpoint) => {
    for (const name of ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]) {
      const refused = () => readEnvironment({ [name]: endpoint });
      expect(refused).toThrow(`${name} ${endpoint.replace("ada:secret@", "")} must be an address such as http://localhost:4318`);
    }
    expect(() =>
      readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none" }),
    ).not.toThrow();
    expect(() => readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).not.toThrow();
  });

  it("prefers the protocol for traces to that for all signals", () => {
    expect(readEnvironment({}).otlpProtocol).toBe("http/protobuf");
    expect(readEnvironment({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }).otlpProtocol).toBe("grpc");
    expect(readEnvironment({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" }).otlpProtocol).toBe("http/json");
  });

  const known = "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio";
  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ OTEL_TRACES_SAMPLER: "always_off", OTEL_TRACES_SAMPLER_ARG: "many" }, []],
    [{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, []],
    [{ OTEL_TRACES_SAMPLER: "traceidratio" }, []],
    [{ OTEL_TRACES_SAMPLER: "ratio" }, [`OTEL_TRACES_SAMPLER ratio is ignored: it must be one of ${known}`]],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "10%" }, ["OTEL_TRACES_SAMPLER_ARG 10% is ignored: it must be from 0 to 1"]],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "1.1" }, ["OTEL_TRACES_SAMPLER_ARG 1.1 is ignored: it must be from 0 to 1"]],
    [{ OTEL_BSP_SCHEDULE_DELAY: "soon" }, ["OTEL_BSP_SCHEDULE_DELAY soon is ignored: it must be a number above 0"]],
    [{ OTEL_METRIC_EXPORT_INTERVAL: "-1" }, ["OTEL_METRIC_EXPORT_INTERVAL -1 is ignored: it must be a number above 0"]],
    ...["-1", "65536", "80.5", "http"].map((port): [Record<string, string>, string[]] => [
      { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: port },
      [`OTEL_EXPORTER_PROMETHEUS_PORT ${port} is ignored: it must be a port, or 0 for one that is free`],
    ]),
  ])("tells what it ignores of %o", (environment, ignored) => {
    expect(readEnvironment(environment).ignored).toEqual(ignored);
  });

  it("takes the limits of the batch exporter that are positive numbers", () => {
    const { batch } = readEnvironment({ OTEL_BSP_MAX_QUEUE_SIZE: "10", OTEL_BSP_SCHEDULE_DELAY: "soon", OTEL_BSP_EXPORT_TIMEOUT: "-1" });
    expect(batch).toEqual({ maxQueueSize: 10, scheduledDelayMillis: undefined, exportTimeoutMillis: undefined, maxExportBatchSize: undefined });
  });
});
