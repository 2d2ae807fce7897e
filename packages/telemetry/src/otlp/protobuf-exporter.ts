import { OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from "@opentelemetry/otlp-exporter-base/node-http";
import { TraceExporterMetricsHelper } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { createTraceSerializer } from "./trace-serializer.js";

/** OTLP over HTTP, as OpenTelemetry's own exporter does it (address, headers, compression, tries again are its), with a serializer of ours. */
export function createProtobufExporter(options: { readonly timeoutMillis?: number }): SpanExporter {
  const http = convertLegacyHttpOptions(options, "TRACES", "v1/traces", { "Content-Type": "application/x-protobuf" });
  const delegate = createOtlpHttpExportDelegate(http, createTraceSerializer(), "otlp_http_span_exporter", TraceExporterMetricsHelper, undefined);
  return new OTLPExporterBase<ReadableSpan[]>(delegate);
}
