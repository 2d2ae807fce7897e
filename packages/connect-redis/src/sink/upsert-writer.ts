import { type ConnectorContext, type ConnectRecord, type Sink, type SinkWriter, type WriteOutcome, written } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import { failedOutcome, redisError } from "../connection/errors.js";
import { openConnection } from "../connection/open-connection.js";
import type { RedisConnection } from "../connection/redis-connection.js";
import type { Script } from "../connection/script.js";
import type { UpsertOptions } from "./options.js";
import { WriterConnection } from "./writer-connection.js";

/** How records become what a key holds. */
export interface Upsert {
  readonly name: string;
  /** KEYS: the key. ARGV: `ttlMs` or 0; what `args` gives. */
  readonly set: Script;
  /** KEYS: the key. */
  readonly remove: Script;
  /** @throws that the record cannot be kept */
  args(record: ConnectRecord<unknown>): readonly (string | Buffer)[];
}

/** A sink whose keys hold the newest record of each; a record without a value removes its key. */
export function upsertSink<T>(upsert: Upsert, options: UpsertOptions): Sink<T> {
  return {
    name: upsert.name,
    concurrency: 4,
    async check(context) {
      const connection = await openConnection(options, context);
      try {
        await connection.command("", ["PING"]);
      } catch (cause) {
        throw redisError("the sink cannot write", cause);
      } finally {
        await connection.close();
      }
    },
    checkRecord(record) {
      const prepared = toWrite(record, upsert, options);
      if ("failure" in prepared) throw prepared.failure.error;
    },
    open: (context) => openWriter<T>(upsert, options, context),
  };
}

async function openWriter<T>(upsert: Upsert, options: UpsertOptions, context: ConnectorContext): Promise<SinkWriter<T>> {
  const holder = new WriterConnection(options, context);
  await holder.ready();
  return {
    async write(records) {
      const writes = records.map((record) => toWrite(record, upsert, options));
      const connection = await holder.ready();
      const outcomes = await writeKeys(connection, writes);
      return holder.replicated(connection, outcomes);
    },
    close: () => holder.close(),
  };
}

interface KeyWrite {
  readonly id: string;
  readonly key: string;
  run(connection: RedisConnection): Promise<unknown>;
}

type Prepared = KeyWrite | { readonly failure: Extract<WriteOutcome, { readonly status: "rejected" }> };

function toWrite(record: ConnectRecord<unknown>, upsert: Upsert, options: UpsertOptions): Prepared {
  const { id, value } = record;
  try {
    const key = keyOf(record, options);
    if (value === undefined || value === null) return { id, key, run: (connection) => upsert.remove.run(connection, [key], []) };
    const args = upsert.args(record);
    return { id, key, run: (connection) => upsert.set.run(connection, [key], [String(options.ttlMs ?? 0), ...args]) };
  } catch (cause) {
    return { failure: { status: "rejected", error: new BusError("malformed_message", `${id} ${messageOf(cause)}`, { cause }) } };
  }
}

function keyOf(record: ConnectRecord<unknown>, { key, prefix }: UpsertOptions): string {
  // the caller's function takes the records that this sink gets
  if (key !== undefined) return key(record as ConnectRecord<never>);
  if (record.key === null) throw new BusError("malformed_message", "has no key, give one as a function of the record");
  return prefix + (typeof record.key === "string" ? record.key : Buffer.from(record.key).toString());
}

/** Of several records of one key only the last is written, which would overwrite the others anyway. */
async function writeKeys(connection: RedisConnection, writes: readonly Prepared[]): Promise<readonly WriteOutcome[]> {
  const last = new Map<string, KeyWrite>();
  for (const write of writes) if ("key" in write) last.set(write.key, write);
  const outcomes = new Map<string, WriteOutcome>();
  const writing = [...last].map(async ([key, write]) => {
    const outcome = await write.run(connection).then(
      () => written,
      (cause: unknown) => failedOutcome(`${write.id} cannot be written to ${key}`, cause),
    );
    outcomes.set(key, outcome);
  });
  await Promise.all(writing);
  return writes.map((write) => ("key" in write ? (outcomes.get(write.key) ?? written) : write.failure));
}
