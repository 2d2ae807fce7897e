import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { envDetector, hostDetector, osDetector, serviceInstanceIdDetector } from "@opentelemetry/resources";
import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { BusError, type Logger, stderrLogger } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import { readEnvironment, type TelemetryEnvironment } from "./environment.js";
import { watchEventLoop } from "./event-loop/watch-event-loop.js";
import { ExportFailures } from "./export-failures.js";
import { addressesOf, closeServers, openServers, type Servers } from "./http/open-servers.js";
import { httpInstrumentations, patchHttp, unpatchHttp } from "./http-tracing/http-tracing.js";
import { environmentMetricReaders } from "./metric-readers.js";
import { shutDownSdk } from "./shut-down-sdk.js";
import { environmentSpanProcessors } from "./spans/span-processors.js";

const listenOptions = {
  /** 0: one that is free. */
  port: z.number().int().min(0).max(65_535),
  /** The interface to listen on; `0.0.0.0` for all of them. Nothing there asks who calls. @default "127.0.0.1" */
  host: z.string().min(1).default("127.0.0.1"),
};

const telemetryOptions = z.strictObject({
  /** `service.name` of all spans; `OTEL_SERVICE_NAME` wins. */
  service: z.string().min(1),
  /** Get every span too, besides the exporters that the environment names: for tests, or to print spans (after `forceFlush`). @default none */
  spanProcessors: z.array(z.custom<SpanProcessor>((value) => typeof value === "object" && value !== null, "must be a SpanProcessor")).default([]),
  /**
   * Spans for HTTP: requests that come in (`node:http`, and all that builds on it), and those that go out (`node:http`, `fetch`, undici). The trace of a
   * request goes on in what its handler publishes, and that of a message in what its handler asks for. Not for `/livez`, `/readyz`, `/healthz`,
   * `/metrics` and `/debug`. Servers and clients may exist before; HTTP/2 is not seen. @default true
   */
  traceHttp: z.boolean().default(true),
  /** Serves the metrics to Prometheus at `/metrics`; `OTEL_METRICS_EXPORTER=prometheus` does too. @default not */
  prometheus: z.strictObject(listenOptions).optional(),
  /** Serves `/livez`, `/readyz`, `/metrics` and `/debug/streams`. @default not */
  http: z
    .strictObject({
      ...listenOptions,
      /** For how long a partition with something to read may stand still before `/livez` answers 503; longer than the slowest message takes, in ms. @default 60_000 */
      stalledAfterMs: z.number().int().min(100).default(60_000),
    })
    .optional(),
  /** Where it is written that the event loop was blocked, that spans were dropped or could not be exported, and that a variable is ignored. @default warnings and errors to stderr, as lines of JSON */
  logger: z.custom<Logger>((value) => typeof value === "object" && value !== null, "must be a Logger").default(() => stderrLogger),
});

export type TelemetryOptions = z.input<typeof telemetryOptions>;

/** The telemetry of a process, until it is shut down. */
export interface Telemetry extends AsyncDisposable {
  /**
   * Exports what is still buffered, for 5 s at most, then takes the SDK out of the process. Idempotent. Does not reject: that a collector is
   * down is no fault of the service, and is a warning on stderr.
   */
  shutdown(): Promise<void>;
  /** Where it listens, once it does: `http://127.0.0.1:9464`. Rejects when it cannot; that is logged too. */
  readonly listening: Promise<{ readonly http?: string; readonly prometheus?: string }>;
}

let running: Telemetry | undefined;

/**
 * Sets up OpenTelemetry for the process: W3C trace context and baggage, a batch exporter over OTLP, and all that the standard `OTEL_*`
 * variables say (endpoint, protocol, headers, sampler, propagators, resource attributes, limits, `OTEL_SDK_DISABLED`).
 *
 * Spans are exported when `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or `OTEL_TRACES_EXPORTER` is set. Otherwise
 * none are made (unless `spanProcessors` wants them), and the context of incoming messages still flows on to what their handlers publish.
 * Metrics are exported when `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` or `OTEL_METRICS_EXPORTER` is set, and served where `prometheus` or
 * `http` says so. Logs are set up only where `OTEL_LOGS_EXPORTER` asks for it.
 *
 * To be called once, before what should be traced; `await using` shuts it down.
 *
 * @throws {BusError} `invalid_options` without a service name, with an exporter or a protocol that there is not, with an endpoint that is no address, or when it runs already
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const resolved = resolveOptions("startTelemetry", telemetryOptions, options);
  if (running !== undefined) throw new BusError("invalid_options", "startTelemetry was called twice: shut the first one down before");
  const environment = readEnvironment(process.env);
  for (const text of environment.ignored) resolved.logger.warn({}, text);
  // serves both, where both are asked for
  const exporter = servesMetrics(resolved, environment) ? new PrometheusExporter({ preventServerStart: true }) : undefined;
  const failures = new ExportFailures(resolved.logger);
  const sdk = new NodeSDK(sdkConfiguration(resolved, environment, exporter, failures));
  sdk.start();
  if (resolved.traceHttp && !isDisabled()) patchHttp();
  const servers = openServers(resolved, environment, exporter);
  const unwatch = watchEventLoop(resolved.logger);
  let stopping: Promise<void> | undefined;
  const listening = addressesOf(servers, resolved.logger);
  // for those who ask; a failure is logged in any case
  listening.catch(() => {});
  const telemetry: Telemetry = {
    listening,
    shutdown() {
      failures.stop();
      // the last export tells of the event loop too
      stopping ??= stop(sdk, servers).finally(unwatch);
      return stopping;
    },
    [Symbol.asyncDispose]: () => telemetry.shutdown(),
  };
  running = telemetry;
  return telemetry;
}

/** As the SDK itself reads it. */
function isDisabled(): boolean {
  return process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() === "true";
}

type Resolved = z.output<typeof telemetryOptions>;

function servesMetrics({ http, prometheus }: Resolved, environment: TelemetryEnvironment): boolean {
  return http !== undefined || prometheus !== undefined || environment.metrics.prometheus !== undefined;
}

async function stop(sdk: NodeSDK, servers: Servers): Promise<void> {
  await closeServers(servers);
  await shutDownSdk(sdk);
  unpatchHttp();
  trace.disable();
  metrics.disable();
  context.disable();
  propagation.disable();
  running = undefined;
}

function sdkConfiguration(
  { service, spanProcessors, traceHttp, logger }: Resolved,
  environment: TelemetryEnvironment,
  exporter: PrometheusExporter | undefined,
  failures: ExportFailures,
): Partial<NodeSDKConfiguration> {
  return {
    serviceName: environment.serviceName ?? service,
    ...(traceHttp && { instrumentations: httpInstrumentations() }),
    spanProcessors: [...spanProcessors, ...environmentSpanProcessors(environment, logger, failures)],
    metricReaders: [...environmentMetricReaders(environment, failures), ...(exporter === undefined ? [] : [exporter])],
    // without the detector of the process: it reports the command line, and that is where some pass credentials
    ...(environment.hasResourceDetectors ? {} : { resourceDetectors: [envDetector, hostDetector, osDetector, serviceInstanceIdDetector] }),
    ...(environment.hasLogsExporter ? {} : { logRecordProcessors: [] }),
  };
}
