import { rabbitmqSink, rabbitmqSource } from "@org/bus-connect-rabbitmq";
import { connect } from "amqplib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordMetrics } from "../../../packages/core/src/testing/recorded-metrics.js";
import { connectorContext, recordOf, startReading, writeContext } from "../../support/connector-context.js";
import { canStartRabbitmq } from "../../support/servers/rabbitmq.js";
import { type RabbitmqServer, startRabbitmq } from "../../support/servers/rabbitmq-server.js";

const TEST_TIMEOUT_MS = 120_000;
const NORMAL_WATERMARK = "0.9";

describe.skipIf(!canStartRabbitmq())("RabbitMQ that fails", () => {
  let server: RabbitmqServer;
  let url: string;

  beforeAll(async () => {
    server = await startRabbitmq();
    url = `${server.url}/${server.virtualHosts[0]}`;
    const connection = await connect(url);
    const channel = await connection.createChannel();
    await channel.assertQueue("kept", { arguments: { "x-queue-type": "quorum" } });
    await connection.close();
  }, TEST_TIMEOUT_MS);
  afterAll(() => server?.stop());

  const openSink = async (context = connectorContext()) => rabbitmqSink<string>({ url, routingKey: "kept" }).open(context);

  it(
    "is waited for while it is short of memory, and what waits can be seen and ended",
    async () => {
      await using metrics = recordMetrics();
      const context = connectorContext();
      const writer = await openSink(context);
      await server.control("set_vm_memory_high_watermark", "0.000001");
      const giveUp = new AbortController();
      const first = writer.write([recordOf("1", { id: "1" })], writeContext(giveUp.signal));
      // the broker says so when the first message arrives
      await expect.poll(() => context.warnings, { timeout: 20_000 }).toEqual(["RabbitMQ takes no messages at the moment, writing waits"]);
      expect(await metrics.total("bus.connect.rabbitmq.blocked")).toBe(1);
      giveUp.abort();
      expect((await first).map((outcome) => "error" in outcome && `${outcome.status} ${outcome.error}`)).toEqual([
        "retriable BusError: the broker has not confirmed message 1 in time, it takes nothing now: low on memory",
      ]);

      const second = writer.write([recordOf("2", { id: "2" })], writeContext());
      let isDone = false;
      second.then(
        () => {
          isDone = true;
        },
        () => {},
      );
      expect(isDone).toBe(false);
      await server.control("set_vm_memory_high_watermark", NORMAL_WATERMARK);
      expect(await second).toEqual([{ status: "written" }]);
      expect(await metrics.total("bus.connect.rabbitmq.blocked")).toBe(0);
      await writer.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "closes at once although it takes nothing",
    async () => {
      const context = connectorContext();
      const writer = await openSink(context);
      await server.control("set_vm_memory_high_watermark", "0.000001");
      const stopping = new AbortController();
      const write = writer.write([recordOf("3", { id: "3" })], writeContext(stopping.signal));
      await expect.poll(() => context.warnings.length, { timeout: 20_000 }).toBe(1);
      stopping.abort();
      await write;
      await writer.close();
      await server.control("set_vm_memory_high_watermark", NORMAL_WATERMARK);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "loses nothing when it is killed: what was confirmed is there again, what was not acknowledged comes again",
    async () => {
      const context = connectorContext();
      const writer = await openSink(context);
      expect(await writer.write([recordOf("4", { id: "4" })], writeContext())).toEqual([{ status: "written" }]);
      const source = rabbitmqSource<string>({ url, queues: "kept", format: "text" });
      const reading = await startReading(source);
      const before = (await reading.next())?.records.map(({ id }) => id);
      expect(before).toContain("kept/4");
      const failure = reading.next().catch((error: unknown) => error);

      await server.kill();
      expect(await failure).toMatchObject({ code: "transport_failed", retryable: true });
      const outcome = await writer.write([recordOf("5", { id: "5" })], writeContext()).catch((error: unknown) => error);
      expect(outcome).toMatchObject({ code: "transport_failed", retryable: true });
      await expect((async () => (await startReading(source)).next())()).rejects.toMatchObject({ code: "transport_failed", retryable: true });

      await server.start();
      // the same writer, on a new connection
      expect(await writer.write([recordOf("5", { id: "5" })], writeContext())).toEqual([{ status: "written" }]);
      await using again = await startReading(source);
      const ids = new Set<string>();
      while (!ids.has("kept/5")) for (const { id } of (await again.next())?.records ?? []) ids.add(id);
      expect([...ids].filter((id) => before?.includes(id))).toEqual(before);
      await writer.close();
      await reading.stop();
    },
    TEST_TIMEOUT_MS,
  );
});
