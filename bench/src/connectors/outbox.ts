import type { ToTopicOptions } from "@org/bus-connect";
import type { Benchmark, Figures, RunContext } from "../benchmark.js";
import { createTopic } from "../cluster.js";
import { pollByHand, replicateByHand } from "./by-hand.js";
import { createOutbox, databaseName, dropOutbox, fillOutbox } from "./database.js";
import { startRelay, type Way, watchWritten } from "./relay.js";
import { SteadyRate } from "./steady-rate.js";

const rows = 40_000;

/** An outbox that is full when the relay starts. */
async function fullOutbox(context: RunContext, relay: (table: string, rate: SteadyRate, signal: AbortSignal) => Promise<void>): Promise<Figures> {
  const table = databaseName(context.runId);
  await createOutbox(table);
  await fillOutbox(table, rows);
  const rate = new SteadyRate(rows);
  const stop = new AbortController();
  const done = relay(table, rate, stop.signal);
  const figures = await Promise.race([rate.figures, done.then(() => rate.figures)]);
  stop.abort();
  await done;
  await dropOutbox(table);
  return figures;
}

const ours = (way: Way, options: ToTopicOptions) => (context: RunContext) =>
  fullOutbox(context, async (table, rate, signal) => {
    await using relay = startRelay(context, table, way, options);
    const stop = watchWritten(relay.running, (count) => rate.reached(count));
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    stop();
  });

function counting(rate: SteadyRate): (count: number) => void {
  let published = 0;
  return (count) => {
    published += count;
    rate.reached(published);
  };
}

export const outboxBenchmark: Benchmark = {
  name: "outbox",
  title: "Outbox: rows from PostgreSQL onto a topic",
  conditions:
    `${rows} events of about 200 bytes are in the outbox when the relay starts; the first fifth does not count. 500 rows at a time, a topic of 6 partitions. ` +
    "Ours decodes, checks and encodes each message and stores its position; those by hand (pg or pg-logical-replication, and kafkajs) pass bytes on, at least once.",
  better: "higher",
  needsKafka: true,
  needsPostgres: true,
  measured: ["pg", "pg-logical-replication", "kafkajs"],
  prepare: (context) => createTopic(context, 6),
  peers: {
    "bus, replication": ours("replication", { exactlyOnce: false }),
    "by hand, replication": (context) => fullOutbox(context, (table, rate, signal) => replicateByHand(context, table, counting(rate), signal)),
    "bus, polling": ours("polling", { exactlyOnce: false }),
    "by hand, polling": (context) =>
      fullOutbox(context, (table, rate, signal) => {
        const count = counting(rate);
        return pollByHand(context, table, (published) => count(published.length), signal);
      }),
    "bus, replication, exactly once": ours("replication", { exactlyOnce: true }),
  },
};
