import { defineConnector, fromTopic, runConnector, Secret } from "@org/bus-connect";
import { postgresSink } from "@org/bus-connect-postgres";
import { createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import pg from "pg";
import type { Benchmark, Figures, RunContext } from "../benchmark.js";
import { contractFor, createTopic, kafkajs } from "../cluster.js";
import { pageViewed } from "../workload.js";
import { databaseName, postgresUrl, withDatabase } from "./database.js";
import { watchWritten } from "./relay.js";
import { SteadyRate } from "./steady-rate.js";

const records = 100_000;
const partitions = 6;
const batchSize = 500;

async function prepare(context: RunContext): Promise<void> {
  await createTopic(context, partitions);
  await using bus = createBus({ service: "bench", transport: kafka({ brokers: [...context.brokers] }) });
  const contract = contractFor(context.topic);
  await Promise.all(Array.from({ length: records }, (_, index) => bus.publish(contract, pageViewed(index % 1_000, index))));
}

async function ours(context: RunContext): Promise<Figures> {
  const table = databaseName(context.runId);
  await using bus = createBus({ service: "bench", transport: kafka({ brokers: [...context.brokers] }) });
  const contract = contractFor(context.topic);
  const sink = postgresSink({ connection: { url: new Secret("bench", postgresUrl) }, contract, table, key: ["view_id"], createTable: true });
  const running = runConnector(bus, defineConnector({ name: table, source: fromTopic(contract), sink }));
  const rate = new SteadyRate(records);
  const stop = watchWritten(running, (count) => rate.reached(count));
  const figures = await rate.figures;
  stop();
  await running.stop();
  await withDatabase((client) => client.query(`drop table ${table}`));
  return figures;
}

const columns = "user_id, view_id, url, status, duration_ms, sequence, mobile, user_agent";

/** A statement of 500 rows at a time for each partition, offsets committed behind it. */
async function byHand(context: RunContext): Promise<Figures> {
  const table = databaseName(context.runId);
  const contract = contractFor(context.topic);
  const pool = new pg.Pool({ connectionString: postgresUrl(), max: 4 });
  await pool.query(
    `create table ${table} (user_id text, view_id text primary key, url text, status int, duration_ms float8, sequence bigint, mobile boolean, user_agent text)`,
  );
  const upsert =
    `insert into ${table} (${columns}) select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::float8[], $6::bigint[], $7::boolean[], $8::text[]) ` +
    "on conflict (view_id) do update set (user_id, url, status, duration_ms, sequence, mobile, user_agent) = " +
    "(excluded.user_id, excluded.url, excluded.status, excluded.duration_ms, excluded.sequence, excluded.mobile, excluded.user_agent)";
  const rate = new SteadyRate(records);
  let written = 0;
  const consumer = kafkajs(context).consumer({ groupId: context.runId });
  await consumer.connect();
  await consumer.subscribe({ topic: context.topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 4,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
      for (let start = 0; start < batch.messages.length; start += batchSize) {
        const part = batch.messages.slice(start, start + batchSize);
        const views = part.flatMap(({ value }) => (value === null ? [] : [contract.decode(value)]));
        await pool.query(upsert, [
          views.map((view) => view.userId),
          views.map((view) => view.viewId),
          views.map((view) => view.url),
          views.map((view) => view.status),
          views.map((view) => view.durationMs),
          views.map((view) => view.sequence),
          views.map((view) => view.mobile),
          views.map((view) => view.userAgent),
        ]);
        resolveOffset(part.at(-1)?.offset ?? "0");
        await commitOffsetsIfNecessary();
        written += part.length;
        rate.reached(written);
      }
    },
  });
  const figures = await rate.figures;
  await consumer.disconnect();
  await pool.query(`drop table ${table}`);
  await pool.end();
  return figures;
}

export const postgresSinkBenchmark: Benchmark = {
  name: "postgres-sink",
  title: "From a topic into PostgreSQL",
  conditions:
    `${records} records of about 200 bytes in ${partitions} partitions, upserted by their own id, 500 a statement, four connections; the first fifth does not count. ` +
    "By hand: pg with unnest, and kafkajs with eachBatch; both decode the message, and both have all columns typed.",
  better: "higher",
  needsKafka: true,
  needsPostgres: true,
  measured: ["pg", "kafkajs"],
  prepare,
  peers: { "fromTopic, postgresSink": ours, "by hand": byHand },
};
