import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createClient } from "@redis/client";
import { connect } from "amqplib";
import { describe, expect, it, onTestFinished } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { rabbitmqForTests } from "../support/servers/rabbitmq.js";
import { redisForTests } from "../support/servers/redis.js";

const [kafka, rabbitmq, redis] = await Promise.all([kafkaForTests(), rabbitmqForTests(), redisForTests()]);
const program = new URL("../dist/programs/queue-to-hash.js", import.meta.url).pathname;
const ORDERS = 300;
const TEST_TIMEOUT_MS = 240_000;

describe.skipIf(!kafka.available || !rabbitmq.available || !redis.available)("from a queue over a topic into hashes", () => {
  it(
    "loses nothing when it is killed with -9 half-way, and keeps one trace over all hops",
    async () => {
      const run = `round-trip-${process.pid}-${Date.now().toString(36)}`;
      const connection = await connect(rabbitmq.url);
      const channel = await connection.createConfirmChannel();
      const client = createClient({ url: redis.url });
      await client.connect();
      const children: ChildProcess[] = [];
      onTestFinished(async () => {
        for (const child of children) child.kill("SIGKILL");
        client.destroy();
        await connection.close();
      });
      await channel.assertQueue(run, { arguments: { "x-queue-type": "quorum" } });
      const traces = new Map<string, string>();
      const order = async (count: number): Promise<void> => {
        for (let index = 0; index < count; index++) {
          const id = `o${traces.size}`;
          const traceId = randomBytes(16).toString("hex");
          traces.set(id, traceId);
          const content = JSON.stringify({ id, customer: `c${index % 17}`, cents: index + 1 });
          const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString("hex")}-01` };
          channel.sendToQueue(run, Buffer.from(content), { messageId: id, headers, persistent: true });
        }
        await channel.waitForConfirms();
      };
      const written = async (): Promise<number> => (await client.keys(`${run}:*`)).length;
      let errors = "";
      const start = (): ChildProcess => {
        const child = spawn(process.execPath, [program, kafka.brokers.join(","), run, rabbitmq.url, redis.url], {
          stdio: ["pipe", "ignore", "pipe"],
        });
        child.stderr?.setEncoding("utf8").on("data", (text: string) => {
          errors += text;
        });
        children.push(child);
        return child;
      };
      const until = (count: number) =>
        expect.poll(written, { timeout: TEST_TIMEOUT_MS / 3, interval: 50, message: errors }).toBeGreaterThanOrEqual(count);

      await order(ORDERS / 2);
      const first = start();
      await until(ORDERS / 4);
      await order(ORDERS / 2);
      first.kill("SIGKILL");
      await once(first, "exit");
      const before = await written();
      expect(before).toBeLessThan(ORDERS);

      const second = start();
      await until(ORDERS);
      second.stdin?.end();
      expect(await once(second, "exit")).toEqual([0, null]);

      expect(await channel.checkQueue(run)).toMatchObject({ messageCount: 0 });
      const found = await Promise.all([...traces.keys()].map(async (id) => [id, await client.hGet(`${run}:${id}`, "trace")] as const));
      expect(new Map(found)).toEqual(traces);
      expect(await client.hGetAll(`${run}:o0`)).toEqual({ orderId: "o0", customerId: "c0", totalCents: "1", trace: traces.get("o0") });
      await channel.deleteQueue(run);
    },
    TEST_TIMEOUT_MS,
  );
});
