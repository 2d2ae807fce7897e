import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "@org/bus-core";

/** What answers a path. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Where to listen. */
export interface ListenOptions {
  readonly port: number;
  readonly host: string;
}

/** A server that keeps no process alive, and the address at which it listens: `http://127.0.0.1:9464`. */
export interface HttpServer {
  /** Rejects when it cannot listen there. */
  readonly listening: Promise<string>;
  close(): Promise<void>;
}

/** Serves GET and HEAD of `paths`. */
export function serveHttp({ port, host }: ListenOptions, paths: Readonly<Record<string, Answer>>, logger: Logger): HttpServer {
  const server = createServer((request, response) => {
    // nothing of this is for caches or for pages of others
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
    const path = request.url?.split("?", 1)[0] ?? "";
    const answer = Object.hasOwn(paths, path) ? paths[path] : undefined;
    if (answer === undefined) return sendText(response, 404, `there is ${Object.keys(paths).join(", ")}\n`);
    if (request.method !== "GET" && request.method !== "HEAD") return sendText(response, 405, "only GET and HEAD\n");
    try {
      answer(request, response);
    } catch (error) {
      sendText(response, 500, `${error instanceof Error ? error.name : "an error"} while it was told\n`);
    }
  });
  server.unref();
  return { listening: listen(server, { port, host }, logger), close: () => close(server) };
}

export function sendText(response: ServerResponse, status: number, text: string, type = "text/plain"): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8` });
  response.end(text);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, `${JSON.stringify(value, undefined, 2)}\n`, "application/json");
}

function listen(server: Server, { port, host }: ListenOptions, logger: Logger): Promise<string> {
  return new Promise((resolve, reject) => {
    // also when it listens, as where a connection finds no free descriptor: an error that nobody hears would end the process
    server.on("error", (error) => {
      if (server.listening) logger.error({ url: addressOf(server), error: error.message }, "telemetry could not be served");
      else reject(error);
    });
    server.listen({ port, host }, () => resolve(addressOf(server)));
  });
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
