import { once } from "node:events";
import { createServer, get, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { propagation, SpanKind, trace } from "@opentelemetry/api";
import { createBus, type Logger, memory } from "@org/bus-core";
import { startTelemetry } from "@org/bus-telemetry";
import { expect, it } from "vitest";
import { noteContract } from "./messages.js";
import { recordSpans, type SpanNode } from "./recorded-spans.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const Asked = noteContract("test.v1.Asked", "asked");

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/** Names and kinds alone. */
function outline({ name, kind, children = [] }: SpanNode): unknown {
  return children.length === 0 ? `${name} ${kind}` : [`${name} ${kind}`, ...children.map(outline)];
}

/** A service that publishes what it is asked over HTTP, and one whose handler asks another over HTTP, by `fetch` and by `node:http`. */
async function setup() {
  const bus = createBus({ service: "test", transport: memory(), logger: silent });
  await bus.topics.ensure([Asked]);
  const seen: { path: string | undefined; traceparent: unknown }[] = [];
  const behind = await serve(({ url, headers }, response) => {
    seen.push({ path: url?.replace(/\?.*/, ""), traceparent: headers.traceparent });
    response.end("ok");
  });
  const front = await serve((_, response) => {
    bus.publish(Asked, { id: "a", text: "why" }).then(
      () => response.end("published"),
      () => response.writeHead(500).end(),
    );
  });
  const handled = Promise.withResolvers<string | undefined>();
  bus.consume(Asked, { group: "g" }, async () => {
    await (await fetch(`${behind.url}/by-fetch?token=secret`)).text();
    const [response] = await once(get(`${behind.url}/by-get`, { agent: false }), "response");
    await once(response.resume(), "end");
    handled.resolve(propagation.getActiveBaggage()?.getEntry("tenant")?.value);
  });
  return {
    bus,
    front,
    seen,
    handled: handled.promise,
    async [Symbol.asyncDispose]() {
      await bus.close();
      await front[Symbol.asyncDispose]();
      await behind[Symbol.asyncDispose]();
    },
  };
}

const traceId = "0af7651916cd43dd8448eb211c80319c";
const incoming = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, baggage: "tenant=acme" };

/** As one from another process: without the instrumentation of this one. */
function ask(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { headers: incoming, agent: false }, (response) => response.resume().on("end", resolve)).on("error", reject);
  });
}

it("a trace enters by HTTP, goes on in a message, and leaves by HTTP, with its baggage", async () => {
  await using spans = recordSpans();
  await using lab = await setup();
  await ask(lab.front.url);
  expect(await lab.handled).toBe("acme");
  await lab.bus.close();
  // that of the test itself comes first
  const [test, ...others] = await spans.trees();
  expect(others).toEqual([]);
  expect(outline(test as SpanNode)).toEqual([
    "GET CLIENT",
    [
      "GET SERVER",
      ["create asked PRODUCER", "send asked CLIENT", ["process asked CONSUMER", ["GET CLIENT", "GET SERVER"], ["GET CLIENT", "GET SERVER"]]],
    ],
  ]);
  const [byFetch] = (await spans.finished()).filter(({ kind, attributes }) => kind === SpanKind.CLIENT && attributes["url.path"] === "/by-fetch");
  expect(byFetch?.attributes["url.full"]).toMatch(/\/by-fetch$/);
  const ids = new Set((await spans.finished()).map((span) => span.spanContext().traceId));
  expect([...ids]).toHaveLength(1);
});

it("passes a trace through where no spans are made", async () => {
  await using _ = startTelemetry({ service: "test" });
  await using lab = await setup();
  await ask(lab.front.url);
  expect(await lab.handled).toBe("acme");
  expect(lab.seen.map(({ path }) => path)).toEqual(["/by-fetch", "/by-get"]);
  for (const { traceparent } of lab.seen) expect(traceparent).toBe(incoming.traceparent);
});

it("makes no spans of probes, nor of anything in HTTP where it is told so", async () => {
  {
    await using spans = recordSpans();
    await using server = await serve((_, response) => response.end());
    await ask(`${server.url}/readyz`);
    expect((await spans.trees()).map(outline)).toEqual(["GET CLIENT"]);
  }
  await using _ = startTelemetry({ service: "test", traceHttp: false });
  await using server = await serve((_, response) => response.end(String(trace.getActiveSpan() === undefined)));
  expect(await (await fetch(server.url)).text()).toBe("true");
});
