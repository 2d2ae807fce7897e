import { BusError } from "@org/bus-core";

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
  readonly metrics: {
    /** `otlp`, `console`; none where metrics have nowhere to go. */
    readonly exporters: readonly string[];
    readonly otlpProtocol: string;
    readonly intervalMs: number | undefined;
    readonly timeoutMs: number | undefined;
    /** The port of `OTEL_METRICS_EXPORTER=prometheus`, and the interface on which it listens. */
    readonly prometheus: { readonly port: number; readonly host: string } | undefined;
  };
  readonly hasResourceDetectors: boolean;
  readonly hasLogsExporter: boolean;
}

/** @throws {BusError} `invalid_options` for an endpoint without which exporters fail in silence, or export to where nothing was said of */
function checkEndpoint(environment: Environment, signal: "TRACES" | "METRICS", protocol: string): void {
  const names = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, "OTEL_EXPORTER_OTLP_ENDPOINT"];
  const name = names.find((each) => text(environment, each) !== undefined);
  const endpoint = name === undefined ? undefined : text(environment, name);
  // that of gRPC may be a host and a port
  if (endpoint === undefined || protocol === "grpc" || (/^https?:\/\//i.test(endpoint) && URL.canParse(endpoint))) return;
  throw new BusError("invalid_options", `${name} ${endpoint.replace(/^.*@/, "")} must be an address such as http://localhost:4318`);
}

/**
 * The standard says to export to localhost when nothing is set. A service on a machine without a collector would then fail to connect for
 * as long as it lives, so here the exporter or an endpoint has to be named.
 *
 * @throws {BusError} `invalid_options` for an endpoint that is no address
 */
export function readEnvironment(environment: Environment): TelemetryEnvironment {
  const value = (name: string) => text(environment, name);
  const endpoint = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? value("OTEL_EXPORTER_OTLP_ENDPOINT");
  const named = value("OTEL_TRACES_EXPORTER") ?? (endpoint === undefined ? "none" : "otlp");
  const names = listed(named);
  const otlpProtocol = value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? value("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf";
  if (names.includes("otlp")) checkEndpoint(environment, "TRACES", otlpProtocol);
  return {
    serviceName: value("OTEL_SERVICE_NAME"),
    spanExporters: names.includes("none") ? [] : names,
    otlpProtocol,
    hasOtlpTimeout: (value("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") ?? value("OTEL_EXPORTER_OTLP_TIMEOUT")) !== undefined,
    batch: {
      maxQueueSize: positive(environment, "OTEL_BSP_MAX_QUEUE_SIZE"),
      scheduledDelayMillis: positive(environment, "OTEL_BSP_SCHEDULE_DELAY"),
      exportTimeoutMillis: positive(environment, "OTEL_BSP_EXPORT_TIMEOUT"),
      maxExportBatchSize: positive(environment, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
    },
    metrics: readMetrics(environment),
    hasResourceDetectors: value("OTEL_NODE_RESOURCE_DETECTORS") !== undefined,
    hasLogsExporter: value("OTEL_LOGS_EXPORTER") !== undefined,
  };
}

const prometheusPort = 9464;

function readMetrics(environment: Environment): TelemetryEnvironment["metrics"] {
  const value = (name: string) => text(environment, name);
  const endpoint = value("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") ?? value("OTEL_EXPORTER_OTLP_ENDPOINT");
  const names = listed(value("OTEL_METRICS_EXPORTER") ?? (endpoint === undefined ? "none" : "otlp"));
  const timeoutMs = positive(environment, "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT") ?? positive(environment, "OTEL_EXPORTER_OTLP_TIMEOUT");
  const otlpProtocol = value("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL") ?? value("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf";
  if (names.includes("otlp")) checkEndpoint(environment, "METRICS", otlpProtocol);
  return {
    exporters: names.includes("none") ? [] : names.filter((name) => name !== "prometheus"),
    otlpProtocol,
    intervalMs: positive(environment, "OTEL_METRIC_EXPORT_INTERVAL"),
    timeoutMs: positive(environment, "OTEL_METRIC_EXPORT_TIMEOUT") ?? timeoutMs,
    prometheus: names.includes("prometheus")
      ? {
          port: positive(environment, "OTEL_EXPORTER_PROMETHEUS_PORT") ?? prometheusPort,
          host: value("OTEL_EXPORTER_PROMETHEUS_HOST") ?? "127.0.0.1",
        }
      : undefined,
  };
}

function listed(names: string): readonly string[] {
  return names.split(",").map((name) => name.trim());
}
