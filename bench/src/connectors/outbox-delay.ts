import { setTimeout as sleep } from "node:timers/promises";
import type { ToTopicOptions } from "@org/bus-connect";
import { writeOutbox } from "@org/bus-connect-postgres";
import type { Benchmark, Figures, RunContext } from "../benchmark.js";
import { createTopic, kafkajs } from "../cluster.js";
import { PageViewed } from "../gen/bench/v1/page_viewed.js";
import { pageViewed } from "../workload.js";
import { replicateByHand } from "./by-hand.js";
import { createOutbox, databaseName, dropOutbox, withDatabase } from "./database.js";
import { startRelay, type Way } from "./relay.js";

const events = 1_000;
const warmUp = 200;
const everyMs = 5;

/** Events that are committed one by one, and when a consumer has each. */
async function delays(context: RunContext, relay: (table: string, signal: AbortSignal) => Promise<void>): Promise<Figures> {
  const table = databaseName(context.runId);
  await createOutbox(table);
  const stop = new AbortController();
  const relaying = relay(table, stop.signal);
  const measured: number[] = [];
  const all = Promise.withResolvers<void>();
  const consumer = kafkajs(context).consumer({ groupId: context.runId });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  const run = `run ${context.runId}`;
  await consumer.connect();
  await consumer.subscribe({ topic: context.topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { value } }) => {
      if (value === null) return;
      const { userAgent, durationMs } = PageViewed.decode(value);
      if (userAgent === run && measured.push(performance.timeOrigin + performance.now() - durationMs) === events) all.resolve();
    },
  });
  await joined;
  await withDatabase(async (client) => {
    for (let sequence = 0; sequence < events; sequence++) {
      const committedAt = performance.timeOrigin + performance.now();
      await writeOutbox(client, PageViewed, { ...pageViewed(sequence % 100, sequence), userAgent: run, durationMs: committedAt }, { table });
      await sleep(everyMs);
    }
  });
  await all.promise;
  stop.abort();
  await Promise.all([relaying, consumer.disconnect()]);
  await dropOutbox(table);
  const sorted = measured.slice(warmUp).toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { "p50 ms": at(0.5), "p99 ms": at(0.99) };
}

const ours = (way: Way, options: ToTopicOptions) => (context: RunContext) =>
  delays(context, async (table, signal) => {
    await using _relay = startRelay(context, table, way, options);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  });

export const outboxDelayBenchmark: Benchmark = {
  name: "outbox-delay",
  title: "Outbox: from the commit to the consumer",
  conditions:
    `${events} events, each committed by itself, ${everyMs} ms after the one before; from before its insert to the handler of a consumer (kafkajs) in the same process. ` +
    `The first ${warmUp} do not count.`,
  better: "lower",
  needsKafka: true,
  needsPostgres: true,
  measured: ["pg", "pg-logical-replication", "kafkajs"],
  prepare: (context) => createTopic(context, 1),
  peers: {
    "bus, replication": ours("replication", { exactlyOnce: false }),
    "by hand, replication": (context) => delays(context, (table, signal) => replicateByHand(context, table, () => {}, signal)),
    "bus, polling with notifications": ours("polling", { exactlyOnce: false }),
    "bus, replication, exactly once, 5 ms a transaction": ours("replication", { exactlyOnce: true, transactionMaxWaitMs: 5 }),
  },
};
