import { Server } from "node:http";
import { type Contract, createBus, type Logger, memory } from "@org/bus-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startTelemetry, type Telemetry } from "../start-telemetry.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const encoder = new TextEncoder();

interface Ask {
  readonly id: string;
}

const Ask: Contract<Ask> = {
  typeName: "lab.v1.Ask",
  topic: { name: "lab.asked", keyField: "id", partitions: 1, cleanup: "delete", owner: { team: "lab", channel: "#lab" } },
  sensitiveFields: [],
  validate: () => [],
  encode: (message) => encoder.encode(JSON.stringify(message)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Ask,
  key: ({ id }) => encoder.encode(id),
};

let telemetry: Telemetry | undefined;
afterEach(() => telemetry?.shutdown());

async function open(options: { readonly stalledAfterMs?: number } = {}) {
  telemetry = startTelemetry({ service: "lab", http: { port: 0, ...options }, logger: silent });
  const { http } = await telemetry.listening;
  const bus = createBus({ service: "lab", transport: memory(), logger: silent });
  await bus.topics.ensure([Ask]);
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${http}${path}`, init);
    const text = await response.text();
    return { status: response.status, type: response.headers.get("content-type"), text, json: () => JSON.parse(text) };
  };
  return { bus, get, url: http, [Symbol.asyncDispose]: () => bus.close() };
}

/** Asks until `wanted` holds. */
async function until(wanted: () => Promise<boolean>): Promise<void> {
  while (!(await wanted())) await new Promise((resolve) => setImmediate(resolve));
}

describe("the HTTP endpoints", () => {
  it("listen on loopback unless told otherwise, and answer GET of what there is only", async () => {
    await using lab = await open();
    expect(lab.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await lab.get("/")).toMatchObject({ status: 404, text: "there is /livez, /readyz, /metrics, /debug/streams\n" });
    expect(await lab.get("/constructor")).toMatchObject({ status: 404 });
    expect(await lab.get("/livez", { method: "POST" })).toMatchObject({ status: 405 });
    expect(await lab.get("/livez")).toMatchObject({ status: 200 });
  });

  it("say ready when every stream has joined, and not when one has failed", async () => {
    await using lab = await open();
    expect((await lab.get("/readyz")).json()).toEqual({ status: "ok", streams: [] });
    const first = lab.bus.consume(Ask, { group: "g" }, () => {});
    expect((await lab.get("/readyz")).status).toBe(first.state === "running" ? 200 : 503);
    await first.started;
    expect((await lab.get("/readyz")).json()).toMatchObject({ status: "ok", streams: [{ group: "g", topics: ["lab.asked"], state: "running" }] });
    const second = lab.bus.consume(Ask, { group: "h", failure: { attempts: 1, otherwise: "stop" } }, () => {
      throw new Error("no luck");
    });
    await lab.bus.publish(Ask, { id: "a" });
    await second.closed.catch(() => {});
    const answer = await lab.get("/readyz");
    expect(answer.status).toBe(503);
    expect(answer.json()).toMatchObject({
      status: "not ready",
      streams: [{ group: "g" }, { group: "h", state: "failed", lastFault: { code: "handler_failed" } }],
    });
    await second.close();
    expect((await lab.get("/readyz")).status).toBe(200);
  });

  it("turn /livez red when a handler does not end, and say which", async () => {
    await using lab = await open({ stalledAfterMs: 300 });
    const { promise: stuck, resolve: release } = Promise.withResolvers<void>();
    const consumption = lab.bus.consume(Ask, { group: "g" }, () => stuck);
    await consumption.started;
    expect((await lab.get("/livez")).json()).toEqual({ status: "ok", stuck: [] });
    await lab.bus.publish(Ask, { id: "a" });
    await until(async () => (await lab.get("/livez")).status === 503);
    expect((await lab.get("/livez")).json()).toMatchObject({
      status: "stuck",
      stuck: [{ reason: "not moving", group: "g", topic: "lab.asked", partition: 0, offset: 0, key: "a", stage: "handler", state: "running" }],
    });
    release();
    await until(async () => (await lab.get("/livez")).status === 200);
  });

  it("tell what all streams do as JSON, and as a page with everything escaped", async () => {
    await using lab = await open();
    const { promise: stuck, resolve: release } = Promise.withResolvers<void>();
    const consumption = lab.bus.consume(Ask, { group: "g" }, () => stuck);
    await lab.bus.publish(Ask, { id: '<script>alert("&")</script>' });
    await until(async () => consumption.explain().inFlight === 1);
    const json = (await lab.get("/debug/streams")).json();
    expect(json.streams).toEqual([JSON.parse(JSON.stringify(consumption.explain()))]);
    const page = await lab.get("/debug/streams", { headers: { accept: "text/html,*/*" } });
    expect(page.type).toBe("text/html; charset=utf-8");
    expect(page.text).toContain("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;");
    expect(page.text).not.toContain("<script");
    release();
  });

  it("serve the metrics of Prometheus, here and on a port of their own", async () => {
    telemetry = startTelemetry({ service: "lab", http: { port: 0 }, prometheus: { port: 0 }, logger: silent });
    const { http, prometheus } = await telemetry.listening;
    await using bus = createBus({ service: "lab", transport: memory(), logger: silent });
    await bus.topics.ensure([Ask]);
    await bus.publish(Ask, { id: "a" });
    for (const url of [http, prometheus]) {
      const text = await (await fetch(`${url}/metrics`)).text();
      expect(text).toMatch(/^messaging_client_sent_messages_total\{.*messaging_destination_name="lab\.asked".*\} 1$/m);
      expect(text).toContain("v8js_memory_heap_used{");
    }
    expect((await fetch(`${prometheus}/debug/streams`)).status).toBe(404);
  });

  it("say so when the port is taken", async () => {
    await using lab = await open();
    await telemetry?.shutdown();
    const logged: object[] = [];
    const first = startTelemetry({ service: "lab", http: { port: 0 }, logger: silent });
    const port = Number(new URL((await first.listening).http ?? "").port);
    await first.shutdown();
    const { createServer } = await import("node:http");
    const other = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    telemetry = startTelemetry({ service: "lab", http: { port }, logger: { ...silent, error: (fields) => logged.push(fields) } });
    await expect(telemetry.listening).rejects.toThrow("EADDRINUSE");
    expect(logged).toEqual([{ error: expect.stringContaining("EADDRINUSE") }]);
    await new Promise((resolve) => other.close(resolve));
    expect(lab.bus.service).toBe("lab");
  });

  it("go on after an error of their server, and log each", async () => {
    const listen = vi.spyOn(Server.prototype, "listen");
    const logged: unknown[] = [];
    telemetry = startTelemetry({ service: "lab", http: { port: 0 }, logger: { ...silent, error: (...said) => logged.push(said) } });
    const { http } = await telemetry.listening;
    const server = listen.mock.contexts[0] as Server;
    listen.mockRestore();
    for (const code of ["EMFILE", "ENFILE"]) server.emit("error", new Error(`accept ${code}`));
    expect(logged).toEqual([
      [{ url: http, error: "accept EMFILE" }, "telemetry could not be served"],
      [{ url: http, error: "accept ENFILE" }, "telemetry could not be served"],
    ]);
    expect((await fetch(`${http}/livez`)).status).toBe(200);
  });
});
