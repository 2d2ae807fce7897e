import { randomUUID } from "node:crypto";
import { connectorSuite } from "@org/bus-testkit/connectors";
import { type ConfirmChannel, connect } from "amqplib";
import { describe } from "vitest";
import { rabbitmqForTests } from "../../support/servers/rabbitmq.js";
import { startProxy } from "../../support/servers/tcp-proxy.js";

const rabbitmq = await rabbitmqForTests();

/** A queue, and a way to it that can be cut. */
async function place(): Promise<{
  readonly settings: { readonly url: string; readonly queue: string };
  readonly channel: ConfirmChannel;
  stopSystem(): Promise<void>;
  startSystem(): Promise<void>;
  close(): Promise<void>;
}> {
  const direct = new URL(rabbitmq.url);
  const proxy = await startProxy({ host: direct.hostname, port: Number(direct.port) });
  const connection = await connect(rabbitmq.url);
  const channel = await connection.createConfirmChannel();
  const queue = `suite-${randomUUID()}`;
  await channel.assertQueue(queue, { arguments: { "x-queue-type": "quorum" } });
  const url = new URL(rabbitmq.url);
  url.port = String(proxy.port);
  return {
    settings: { url: url.href, queue },
    channel,
    stopSystem: () => proxy.cut(),
    startSystem: () => proxy.mend(),
    async close() {
      await channel.deleteQueue(queue);
      await connection.close();
      await proxy.cut();
    },
  };
}

describe.skipIf(!rabbitmq.available)("RabbitMQ", () => {
  connectorSuite("a queue", {
    module: new URL("../suite/rabbitmq-queue.ts", import.meta.url),
    // what comes again comes behind what the broker has handed out meanwhile
    ordered: false,
    async source() {
      const { channel, ...harness } = await place();
      const { queue } = harness.settings;
      const put = async (contents: readonly { readonly id: string; readonly text: string }[]): Promise<void> => {
        for (const { id, text } of contents) channel.sendToQueue(queue, Buffer.from(text), { messageId: id });
        await channel.waitForConfirms();
      };
      return {
        ...harness,
        put: (records) => put(records.map((record) => ({ id: record.id, text: JSON.stringify(record) }))),
        putPoison: () => put([{ id: "poison", text: "no JSON" }]),
      };
    },
  });

  connectorSuite("an exchange", {
    module: new URL("../suite/rabbitmq-exchange.ts", import.meta.url),
    async sink() {
      const { channel, ...harness } = await place();
      const { queue } = harness.settings;
      const indexes: number[] = [];
      return {
        ...harness,
        async read() {
          for (;;) {
            const message = await channel.get(queue, { noAck: true });
            if (message === false) return indexes;
            indexes.push(JSON.parse(message.content.toString()).index);
          }
        },
      };
    },
  });
});
