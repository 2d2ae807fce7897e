import { OTLPMetricExporter as GrpcExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { OTLPMetricExporter as JsonExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { ConsoleMetricExporter, type IMetricReader, PeriodicExportingMetricReader, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import { BusError } from "@org/bus-core";
import type { TelemetryEnvironment } from "./environment.js";
import type { ExportFailures } from "./export-failures.js";

/** Below the 5 s of a shutdown, so that the last export ends before it; the 10 s of the standard are longer. */
const defaultExportTimeoutMs = 4_000;
const defaultIntervalMs = 60_000;

/**
 * Where the environment says that metrics go. Endpoint, headers, compression and temporality are read by the exporters themselves.
 *
 * @throws {BusError} `invalid_options` for an exporter or a protocol that there is not: metrics would vanish in silence
 */
export function environmentMetricReaders({ metrics }: TelemetryEnvironment, failures: ExportFailures): IMetricReader[] {
  const exportIntervalMillis = metrics.intervalMs ?? defaultIntervalMs;
  const exportTimeoutMillis = Math.min(metrics.timeoutMs ?? defaultExportTimeoutMs, exportIntervalMillis);
  return metrics.exporters.map((name) => {
    const exporter = name === "console" ? new ConsoleMetricExporter() : otlpExporter(name, metrics.otlpProtocol, exportTimeoutMillis);
    failures.watch("metrics", exporter);
    return new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis });
  });
}

function otlpExporter(name: string, protocol: string, timeoutMillis: number): PushMetricExporter {
  if (name !== "otlp") throw new BusError("invalid_options", `OTEL_METRICS_EXPORTER ${name} must be otlp, console, prometheus or none`);
  if (protocol === "http/protobuf") return new ProtobufExporter({ timeoutMillis });
  if (protocol === "http/json") return new JsonExporter({ timeoutMillis });
  if (protocol === "grpc") return new GrpcExporter({ timeoutMillis });
  throw new BusError("invalid_options", `OTEL_EXPORTER_OTLP_PROTOCOL ${protocol} must be http/protobuf, http/json or grpc`);
}
