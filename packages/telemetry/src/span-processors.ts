import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor, type SpanExporter, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { BusError } from "@org/bus-core";
import type { TelemetryEnvironment } from "./environment.js";

/** Below the 5 s of a shutdown, so that the last export can still say why it failed; the 10 s of the standard are longer. */
const defaultExportTimeoutMs = 4_000;

/**
 * Where the environment says that spans go. Endpoint, headers, compression and a timeout are read by the exporters themselves.
 *
 * @throws {BusError} `invalid_options` for an exporter or a protocol that there is not: spans would vanish in silence
 */
export function environmentSpanProcessors({ spanExporters, otlpProtocol, hasOtlpTimeout, batch }: TelemetryEnvironment): SpanProcessor[] {
  const timeout = hasOtlpTimeout ? {} : { timeoutMillis: defaultExportTimeoutMs };
  return spanExporters.map((name) => {
    if (name === "console") return new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() });
    if (name === "otlp") return new BatchSpanProcessor({ exporter: otlpExporter(otlpProtocol, timeout), ...definedOnly(batch) });
    throw new BusError("invalid_options", `OTEL_TRACES_EXPORTER ${name} must be otlp, console or none`);
  });
}

function otlpExporter(protocol: string, timeout: { timeoutMillis?: number }): SpanExporter {
  if (protocol === "http/protobuf") return new ProtobufExporter(timeout);
  if (protocol === "http/json") return new JsonExporter(timeout);
  if (protocol === "grpc") return new GrpcExporter(timeout);
  throw new BusError("invalid_options", `OTEL_EXPORTER_OTLP_PROTOCOL ${protocol} must be http/protobuf, http/json or grpc`);
}

function definedOnly(batch: TelemetryEnvironment["batch"]): { [K in keyof TelemetryEnvironment["batch"]]?: number } {
  return Object.fromEntries(Object.entries(batch).filter(([, value]) => value !== undefined));
}
