import { BusError } from "@org/bus-core";

type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable, undefined also where it is empty, as OpenTelemetry wants it. */
function text(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === "" ? undefined : value;
}

const samplers = ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

/** What cannot be used is ignored and told, as the specification wants it of numbers and of names: spans and metrics still go where they should. */
class Variables {
  readonly ignored: string[] = [];

  constructor(private readonly environment: Environment) {}

  positive(name: string): number | undefined {
    return this.number(name, (value) => value > 0, "a number above 0");
  }

  number(name: string, fits: (value: number) => boolean, what: string): number | undefined {
    const value = text(this.environment, name);
    if (value === undefined) return undefined;
    if (fits(Number(value))) return Number(value);
    this.ignored.push(`${name} ${value} is ignored: it must be ${what}`);
    return undefined;
  }

  /** The SDK reads them itself, and ignores without a word. */
  checkSampler(): void {
    const name = text(this.environment, "OTEL_TRACES_SAMPLER");
    if (name === undefined) return;
    if (!samplers.includes(name)) this.ignored.push(`OTEL_TRACES_SAMPLER ${name} is ignored: it must be one of ${samplers.join(", ")}`);
    if (name.endsWith("traceidratio")) this.number("OTEL_TRACES_SAMPLER_ARG", (value) => value >= 0 && value <= 1, "from 0 to 1");
  }
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
  /** What was set and is not used, and why: for warnings. */
  readonly ignored: readonly string[];
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
  const variables = new Variables(environment);
  const endpoint = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? value("OTEL_EXPORTER_OTLP_ENDPOINT");
  const named = value("OTEL_TRACES_EXPORTER") ?? (endpoint === undefined ? "none" : "otlp");
  const names = listed(named);
  const otlpProtocol = value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? value("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf";
  if (names.includes("otlp")) checkEndpoint(environment, "TRACES", otlpProtocol);
  variables.checkSampler();
  return {
    serviceName: value("OTEL_SERVICE_NAME"),
    spanExporters: names.includes("none") ? [] : names,
    otlpProtocol,
    hasOtlpTimeout: (value("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") ?? value("OTEL_EXPORTER_OTLP_TIMEOUT")) !== undefined,
    batch: {
      maxQueueSize: variables.positive("OTEL_BSP_MAX_QUEUE_SIZE"),
      scheduledDelayMillis: variables.positive("OTEL_BSP_SCHEDULE_DELAY"),
      exportTimeoutMillis: variables.positive("OTEL_BSP_EXPORT_TIMEOUT"),
      maxExportBatchSize: variables.positive("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
    },
    metrics: readMetrics(environment, variables),
    hasResourceDetectors: value("OTEL_NODE_RESOURCE_DETECTORS") !== undefined,
    hasLogsExporter: value("OTEL_LOGS_EXPORTER") !== undefined,
    ignored: variables.ignored,
  };
}

const prometheusPort = 9464;
const isPort = (value: number) => Number.isInteger(value) && value >= 0 && value <= 65_535;

function readMetrics(environment: Environment, variables: Variables): TelemetryEnvironment["metrics"] {
  const value = (name: string) => text(environment, name);
  const endpoint = value("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") ?? value("OTEL_EXPORTER_OTLP_ENDPOINT");
  const names = listed(value("OTEL_METRICS_EXPORTER") ?? (endpoint === undefined ? "none" : "otlp"));
  const timeoutMs = variables.positive("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT") ?? variables.positive("OTEL_EXPORTER_OTLP_TIMEOUT");
  const otlpProtocol = value("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL") ?? value("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf";
  if (names.includes("otlp")) checkEndpoint(environment, "METRICS", otlpProtocol);
  return {
    exporters: names.includes("none") ? [] : names.filter((name) => name !== "prometheus"),
    otlpProtocol,
    intervalMs: variables.positive("OTEL_METRIC_EXPORT_INTERVAL"),
    timeoutMs: variables.positive("OTEL_METRIC_EXPORT_TIMEOUT") ?? timeoutMs,
    prometheus: names.includes("prometheus")
      ? {
          port: variables.number("OTEL_EXPORTER_PROMETHEUS_PORT", isPort, "a port, or 0 for one that is free") ?? prometheusPort,
          host: value("OTEL_EXPORTER_PROMETHEUS_HOST") ?? "127.0.0.1",
        }
      : undefined,
  };
}

function listed(names: string): readonly string[] {
  return names.split(",").map((name) => name.trim());
}
