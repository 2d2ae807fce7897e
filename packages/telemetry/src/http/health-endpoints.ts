import type { IncomingMessage, ServerResponse } from "node:http";
import { openStreams, type StuckProbe } from "@org/bus-core/internal";
import { type Answer, sendJson, sendText } from "./http-server.js";
import { streamsPage } from "./streams-page.js";

export interface HealthEndpointsOptions {
  readonly service: string;
  readonly probe: StuckProbe;
  /** What serves the metrics. */
  readonly metrics: Answer;
}

/** The paths by which others see how the process is. */
export function healthEndpoints({ service, probe, metrics }: HealthEndpointsOptions): Readonly<Record<string, Answer>> {
  return {
    "/livez": (_, response) => answerLive(probe, response),
    "/readyz": (_, response) => answerReady(response),
    "/metrics": metrics,
    "/debug/streams": (request, response) => answerStreams(service, request, response),
  };
}

function answerLive(probe: StuckProbe, response: ServerResponse): void {
  const stuck = probe.check();
  sendJson(response, stuck.length === 0 ? 200 : 503, { status: stuck.length === 0 ? "ok" : "stuck", stuck });
}

/** Ready when each stream has joined its group and gets on; one that the user has paused is what the user wants. */
function answerReady(response: ServerResponse): void {
  const streams = openStreams().map((stream) => {
    const { group, topics, state, lastFault } = stream.explain();
    return { group, topics, state, lastFault: lastFault === undefined ? null : { ...lastFault, at: new Date(lastFault.at).toISOString() } };
  });
  const isReady = streams.every(({ state }) => state === "running" || state === "paused");
  sendJson(response, isReady ? 200 : 503, { status: isReady ? "ok" : "not ready", streams });
}

function answerStreams(service: string, request: IncomingMessage, response: ServerResponse): void {
  const streams = openStreams().map((stream) => stream.explain());
  const wantsPage = request.headers.accept?.includes("text/html") === true && !request.url?.includes("format=json");
  if (!wantsPage) sendJson(response, 200, { service, time: new Date().toISOString(), streams });
  else {
    response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    sendText(response, 200, streamsPage(service, streams, Date.now()), "text/html");
  }
}
