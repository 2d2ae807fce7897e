import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from "pg-logical-replication";
import type { RunContext } from "../benchmark.js";
import { kafkajs } from "../cluster.js";
import { postgresUrl, withDatabase } from "./database.js";

/*
 * What one would write without the bus: at least once, 500 rows at a time, each batch acknowledged by all replicas before it counts. Nothing is checked or
 * decoded, and the bytes of the payload go out as they are.
 */

const batchSize = 500;

interface OutboxRow {
  readonly id: string;
  readonly aggregateid: string;
  readonly payload: Buffer;
}

/** Rows from the outbox in the order of their sequence, published, then deleted. */
export async function pollByHand(
  context: RunContext,
  table: string,
  onPublished: (rows: readonly OutboxRow[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const producer = kafkajs(context).producer();
  await producer.connect();
  await withDatabase(async (client) => {
    while (!signal.aborted) {
      const { rows } = await client.query<OutboxRow>(`select id, aggregateid, payload from ${table} order by sequence limit ${batchSize}`);
      if (rows.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      await producer.send({ topic: context.topic, messages: rows.map((row) => ({ key: row.aggregateid, value: row.payload })) });
      await client.query(`delete from ${table} where id = any($1)`, [rows.map(({ id }) => id)]);
      onPublished(rows);
    }
  });
  await producer.disconnect();
}

/** Rows from the log as `pg-logical-replication` gives them, gathered while a send is out, confirmed after it. */
export async function replicateByHand(context: RunContext, table: string, onPublished: (count: number) => void, signal: AbortSignal): Promise<void> {
  const producer = kafkajs(context).producer();
  await producer.connect();
  const service = new LogicalReplicationService(
    { connectionString: postgresUrl() },
    { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: true } },
  );
  let waiting: { readonly key: string; readonly value: Buffer }[] = [];
  let sending: Promise<void> | undefined;
  const send = async (lsn: string): Promise<void> => {
    while (waiting.length > 0) {
      const messages = waiting.slice(0, batchSize);
      waiting = waiting.slice(batchSize);
      await producer.send({ topic: context.topic, messages });
      onPublished(messages.length);
    }
    sending = undefined;
    await service.acknowledge(lsn);
  };
  // biome-ignore lint/nursery/noMisusedPromises: with flow control the service awaits what its listeners return
  service.on("data", async (lsn: string, message: Pgoutput.Message) => {
    if (message.tag !== "insert") return;
    waiting.push({ key: message.new.aggregateid as string, value: message.new.payload as Buffer });
    sending ??= Promise.resolve().then(() => send(lsn));
    // as much may wait as goes into two sends
    if (waiting.length >= 2 * batchSize) await sending;
  });
  service.on("error", () => {});
  const subscribed = service.subscribe(new PgoutputPlugin({ protoVersion: 1, publicationNames: [table] }), table);
  subscribed.catch(() => {});
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  await service.destroy();
  await producer.disconnect();
}
