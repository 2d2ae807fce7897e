import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { ConsoleSpanExporter, SimpleSpanProcessor, type SpanExporter, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { BusError, type Logger } from "@org/bus-core";
import type { TelemetryEnvironment } from "../environment.js";
import type { ExportFailures } from "../export-failures.js";
import { createProtobufExporter } from "../otlp/protobuf-exporter.js";
import { BoundedSpanProcessor } from "./bounded-span-processor.js";

/** Below the 5 s of a shutdown, so that the last export can still say why it failed; the 10 s of the standard are longer. */
const defaultExportTimeoutMs = 4_000;

/**
 * What a service on a bus needs where the standard has 2,048, 512 and 5 s: with 10,000 messages a second, published and processed, 20,000 spans end in one.
 * A full queue is half a second of that, and takes some 30 MB.
 */
const defaultBatch = { maxQueueSize: 16_384, maxExportBatchSize: 2_048, scheduledDelayMillis: 1_000 };

/**
 * Where the environment says that spans go. Endpoint, headers, compression and a timeout are read by the exporters themselves.
 *
 * @throws {BusError} `invalid_options` for an exporter or a protocol that there is not: spans would vanish in silence
 */
export function environmentSpanProcessors(
  { spanExporters, otlpProtocol, hasOtlpTimeout, batch }: TelemetryEnvironment,
  logger: Logger,
  failures: ExportFailures,
): SpanProcessor[] {
  const timeout = hasOtlpTimeout ? {} : { timeoutMillis: defaultExportTimeoutMs };
  return spanExporters.map((name) => {
    if (name === "console") return new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() });
    if (name !== "otlp") throw new BusError("invalid_options", `OTEL_TRACES_EXPORTER ${name} must be otlp, console or none`);
    const exporter = otlpExporter(otlpProtocol, timeout);
    failures.watch("spans", exporter);
    return new BoundedSpanProcessor({ exporter, logger, ...batchSizes(batch) });
  });
}

function otlpExporter(protocol: string, timeout: { timeoutMillis?: number }): SpanExporter {
  if (protocol === "http/protobuf") return createProtobufExporter(timeout);
  if (protocol === "http/json") return new JsonExporter(timeout);
  if (protocol === "grpc") return new GrpcExporter(timeout);
  throw new BusError("invalid_options", `OTEL_EXPORTER_OTLP_PROTOCOL ${protocol} must be http/protobuf, http/json or grpc`);
}

/** What the environment says wins; a batch is no larger than the queue. */
function batchSizes({ maxQueueSize, maxExportBatchSize, scheduledDelayMillis, exportTimeoutMillis }: TelemetryEnvironment["batch"]) {
  const queue = maxQueueSize ?? defaultBatch.maxQueueSize;
  return {
    maxQueueSize: queue,
    maxExportBatchSize: Math.min(maxExportBatchSize ?? defaultBatch.maxExportBatchSize, queue),
    scheduledDelayMillis: scheduledDelayMillis ?? defaultBatch.scheduledDelayMillis,
    ...(exportTimeoutMillis !== undefined && { exportTimeoutMillis }),
  };
}
