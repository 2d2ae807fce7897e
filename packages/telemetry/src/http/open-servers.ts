import type { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { type Logger, systemClock } from "@org/bus-core";
import { StuckProbe } from "@org/bus-core/internal";
import type { TelemetryEnvironment } from "../environment.js";
import { healthEndpoints } from "./health-endpoints.js";
import { type HttpServer, type ListenOptions, serveHttp } from "./http-server.js";

export interface ServersOptions {
  readonly service: string;
  readonly http?: (ListenOptions & { readonly stalledAfterMs: number }) | undefined;
  readonly prometheus?: ListenOptions | undefined;
  readonly logger: Logger;
}

/** What listens. */
export interface Servers {
  readonly http?: HttpServer;
  readonly prometheus?: HttpServer;
  readonly probe?: StuckProbe;
}

export function openServers(
  { http, prometheus, service, logger }: ServersOptions,
  environment: TelemetryEnvironment,
  exporter?: PrometheusExporter,
): Servers {
  if (exporter === undefined) return {};
  const metrics = exporter.getMetricsRequestHandler.bind(exporter);
  const listen = prometheus ?? environment.metrics.prometheus;
  const scraped = listen === undefined ? {} : { prometheus: serveHttp(listen, { "/metrics": metrics }, logger) };
  if (http === undefined) return scraped;
  const probe = new StuckProbe({ stalledAfterMs: http.stalledAfterMs, clock: quietClock });
  probe.start();
  return { ...scraped, probe, http: serveHttp(http, healthEndpoints({ service, probe, metrics }), logger) };
}

/** Where they listen, once they do. */
export async function addressesOf(servers: Servers, logger: Logger): Promise<{ readonly http?: string; readonly prometheus?: string }> {
  try {
    const [http, prometheus] = await Promise.all([servers.http?.listening, servers.prometheus?.listening]);
    return { ...(http === undefined ? {} : { http }), ...(prometheus === undefined ? {} : { prometheus }) };
  } catch (error) {
    logger.error({ error: error instanceof Error ? error.message : String(error) }, "telemetry cannot be served");
    throw error;
  }
}

export async function closeServers({ http, prometheus, probe }: Servers): Promise<void> {
  probe?.stop();
  await Promise.all([http?.close(), prometheus?.close()]);
}

/** Time whose timers keep no process alive. */
const quietClock: typeof systemClock = {
  now: () => systemClock.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
