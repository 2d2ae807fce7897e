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

  it("prefers the protocol for traces to that for all signals", () => {
    expect(readEnvironment({}).otlpProtocol).toBe("http/protobuf");
    expect(readEnvironment({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }).otlpProtocol).toBe("grpc");
    expect(readEnvironment({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" }).otlpProtocol).toBe("http/json");
  });

  it("takes the limits of the batch exporter that are positive numbers", () => {
    const { batch } = readEnvironment({ OTEL_BSP_MAX_QUEUE_SIZE: "10", OTEL_BSP_SCHEDULE_DELAY: "soon", OTEL_BSP_EXPORT_TIMEOUT: "-1" });
    expect(batch).toEqual({ maxQueueSize: 10, scheduledDelayMillis: undefined, exportTimeoutMillis: undefined, maxExportBatchSize: undefined });
  });
});
