import { context, propagation, trace } from "@opentelemetry/api";
import { envDetector, hostDetector, osDetector, serviceInstanceIdDetector } from "@opentelemetry/resources";
import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { BusError } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import { readEnvironment } from "./environment.js";
import { httpInstrumentations, patchHttp, unpatchHttp } from "./http-tracing/http-tracing.js";
import { shutDownSdk } from "./shut-down-sdk.js";
import { environmentSpanProcessors } from "./span-processors.js";

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
});

export type TelemetryOptions = z.input<typeof telemetryOptions>;

/** The telemetry of a process, until it is shut down. */
export interface Telemetry extends AsyncDisposable {
  /**
   * Exports what is still buffered, for 5 s at most, then takes the SDK out of the process. Idempotent. Does not reject: that a collector is
   * down is no fault of the service, and is a warning on stderr.
   */
  shutdown(): Promise<void>;
}

let running: Telemetry | undefined;

/**
 * Sets up OpenTelemetry for the process: W3C trace context and baggage, a batch exporter over OTLP, and all that the standard `OTEL_*`
 * variables say (endpoint, protocol, headers, sampler, propagators, resource attributes, limits, `OTEL_SDK_DISABLED`).
 *
 * Spans are exported when `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or `OTEL_TRACES_EXPORTER` is set. Otherwise
 * none are made (unless `spanProcessors` wants them), and the context of incoming messages still flows on to what their handlers publish.
 * Metrics and logs are set up only where `OTEL_METRICS_EXPORTER` and `OTEL_LOGS_EXPORTER` ask for it.
 *
 * To be called once, before what should be traced; `await using` shuts it down.
 *
 * @throws {BusError} `invalid_options` without a service name, with an exporter or a protocol that there is not, or when it runs already
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const resolved = resolveOptions("startTelemetry", telemetryOptions, options);
  if (running !== undefined) throw new BusError("invalid_options", "startTelemetry was called twice: shut the first one down before");
  const sdk = new NodeSDK(sdkConfiguration(resolved));
  sdk.start();
  if (resolved.traceHttp && !isDisabled()) patchHttp();
  let stopping: Promise<void> | undefined;
  const telemetry: Telemetry = {
    shutdown() {
      stopping ??= stop(sdk);
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

async function stop(sdk: NodeSDK): Promise<void> {
  await shutDownSdk(sdk);
  unpatchHttp();
  trace.disable();
  context.disable();
  propagation.disable();
  running = undefined;
}

function sdkConfiguration({ service, spanProcessors, traceHttp }: z.output<typeof telemetryOptions>): Partial<NodeSDKConfiguration> {
  const environment = readEnvironment(process.env);
  return {
    serviceName: environment.serviceName ?? service,
    ...(traceHttp && { instrumentations: httpInstrumentations() }),
    spanProcessors: [...spanProcessors, ...environmentSpanProcessors(environment)],
    // without the detector of the process: it reports the command line, and that is where some pass credentials
    ...(environment.hasResourceDetectors ? {} : { resourceDetectors: [envDetector, hostDetector, osDetector, serviceInstanceIdDetector] }),
    ...(environment.hasMetricsExporter ? {} : { metricReaders: [] }),
    ...(environment.hasLogsExporter ? {} : { logRecordProcessors: [] }),
  };
}
