import { connectorSuite } from "@org/bus-testkit/connectors";
import { createClient } from "@redis/client";
import { describe } from "vitest";
import { canStartRedis, startRedis } from "../../support/servers/redis.js";

/** A Redis that keeps what it has taken. */
async function place() {
  const server = await startRedis({ persistent: true });
  const client = createClient({ url: server.url, socket: { reconnectStrategy: 50 } });
  client.on("error", () => {});
  await client.connect();
  return {
    settings: { url: server.url, stream: "s" },
    client,
    stopSystem: () => server.kill(),
    startSystem: () => server.start(),
    async close() {
      client.destroy();
      await server.stop();
    },
  };
}

describe.skipIf(!canStartRedis())("Redis", () => {
  connectorSuite("a stream", {
    module: new URL("../suite/redis-stream-in.ts", import.meta.url),
    async source() {
      const { client, ...harness } = await place();
      const put = async (contents: readonly string[]): Promise<void> => {
        await Promise.all(contents.map((data) => client.xAdd("s", "*", { data })));
      };
      return { ...harness, put: (records) => put(records.map((record) => JSON.stringify(record))), putPoison: () => put(["no JSON"]) };
    },
  });

  connectorSuite("a stream", {
    module: new URL("../suite/redis-stream-out.ts", import.meta.url),
    idempotent: true,
    async sink() {
      const { client, ...harness } = await place();
      return { ...harness, read: async () => ((await client.xRange("s", "-", "+")) ?? []).map(({ message }) => Number(message.index)) };
    },
  });

  connectorSuite("hashes", {
    module: new URL("../suite/redis-hash.ts", import.meta.url),
    idempotent: true,
    async sink() {
      const { client, ...harness } = await place();
      await client.set("record:-1", "text");
      return {
        ...harness,
        read: async () => {
          const keys = await client.keys("record:*");
          return keys.map((key) => Number(key.slice("record:".length))).filter((index) => index >= 0);
        },
      };
    },
  });
});
