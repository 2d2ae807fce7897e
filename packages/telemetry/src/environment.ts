type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable, undefined also where it is empty, as OpenTelemetry wants it. */
function text(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === "" ? undefined : value;
}

function positive(environment: Environment, name: string): number | undefined {
  const value = Number(text(environment, name));
  return value > 0 ? value : undefined;
}

/** What the `OTEL_*` variables say that the SDK does not read by itself. */
export interface TelemetryEnvironment {
  readonly serviceName: string | undefined;
  /** `otlp`, `console`; none where spans have nowhere to go. */
  readonly spanExporters: readonly string[];
  readonly otlpProtocol: string;
  /** Whether the environment says how long an export may take, tries again included. */
  readonly hasOtlpTimeout: boolean;
  readonly batch: {
    readonly maxQueueSize: number | undefined;
    readonly scheduledDelayMillis: number | undefined;
    readonly exportTimeoutMillis: number | undefined;
    readonly maxExportBatchSize: number | undefined;
  };
  readonly hasResourceDetectors: boolean;
  readonly hasMetricsExporter: boolean;
  readonly hasLogsExporter: boolean;
}

/**
 * The standard says to export to localhost when nothing is set. A service on a machine without a collector would then fail to connect for
 * as long as it lives, so here the exporter or an endpoint has to be named.
 */
export function readEnvironment(environment: Environment): TelemetryEnvironment {
  const value = (name: string) => text(environment, name);
  const endpoint = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? value("OTEL_EXPORTER_OTLP_ENDPOINT");
  const named = value("OTEL_TRACES_EXPORTER") ?? (endpoint === undefined ? "none" : "otlp");
  const names = named.split(",").map((name) => name.trim());
  return {
    serviceName: value("OTEL_SERVICE_NAME"),
    spanExporters: names.includes("none") ? [] : names,
    otlpProtocol: value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? value("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf",
    hasOtlpTimeout: (value("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") ?? value("OTEL_EXPORTER_OTLP_TIMEOUT")) !== undefined,
    batch: {
      maxQueueSize: positive(environment, "OTEL_BSP_MAX_QUEUE_SIZE"),
      scheduledDelayMillis: positive(environment, "OTEL_BSP_SCHEDULE_DELAY"),
      exportTimeoutMillis: positive(environment, "OTEL_BSP_EXPORT_TIMEOUT"),
      maxExportBatchSize: positive(environment, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
    },
    hasResourceDetectors: value("OTEL_NODE_RESOURCE_DETECTORS") !== undefined,
    hasMetricsExporter: value("OTEL_METRICS_EXPORTER") !== undefined,
    hasLogsExporter: value("OTEL_LOGS_EXPORTER") !== undefined,
  };
}
