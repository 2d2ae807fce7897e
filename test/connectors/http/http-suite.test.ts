import { buffer } from "node:stream/consumers";
import { connectorSuite } from "@org/bus-testkit/connectors";
import { freePort } from "../../support/servers/free-port.js";
import { Sender } from "./sender.js";
import { startServer } from "./test-server.js";

connectorSuite("webhooks", {
  module: new URL("./webhook.ts", import.meta.url),
  // many callers at once
  ordered: false,
  async source() {
    const port = await freePort();
    const sender = new Sender(`http://127.0.0.1:${port}/`);
    return {
      settings: port,
      put: async (records) => sender.send(records),
      close: async () => sender.stop(),
    };
  },
});

connectorSuite("a feed", {
  module: new URL("./feed-source.ts", import.meta.url),
  async source() {
    const items: unknown[] = [];
    const server = await startServer((request, response) => {
      const etag = `"${items.length}"`;
      if (request.headers["if-none-match"] === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag }).end(JSON.stringify(items));
    });
    return {
      settings: server.url,
      put: async (records) => void items.push(...records),
      putPoison: async () => void items.push({ id: "poison" }),
      stopSystem: server.stop,
      startSystem: server.start,
      close: server.stop,
    };
  },
});

connectorSuite("posting", {
  module: new URL("./http-sink.ts", import.meta.url),
  async sink() {
    const posted: unknown[] = [];
    const server = await startServer(async (request, response) => {
      const values = JSON.parse((await buffer(request)).toString()) as unknown[];
      if (values.includes("poison")) return response.writeHead(422).end();
      posted.push(...values);
      return response.end();
    });
    return {
      settings: server.url,
      read: async () => posted.map(Number),
      stopSystem: server.stop,
      startSystem: server.start,
      close: server.stop,
    };
  },
});
