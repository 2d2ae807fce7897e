import { type ConnectorContext, type ConnectRecord, type Sink, type SinkWriter, type WriteOutcome, written } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { messageOf, resolveOptions } from "@org/bus-core/internal";
import { ErrorReply } from "@redis/client";
import { failedOutcome, redisError } from "../connection/errors.js";
import { openConnection } from "../connection/open-connection.js";
import type { RedisConnection } from "../connection/redis-connection.js";
import { Script } from "../connection/script.js";
import { type Fields, fieldsOf, headerFields } from "../fields.js";
import { type RedisStreamSinkOptions, type ResolvedStreamSinkOptions, redisStreamSinkOptions } from "./options.js";
import { offsetsKey, offsetText } from "./repeats.js";
import { ADD_ENTRIES } from "./scripts.js";
import { WriterConnection } from "./writer-connection.js";

const add = new Script(ADD_ENTRIES);

/**
 * Adds records to streams. In the same step as its entries a stream's neighbour `{STREAM}:offsets` keeps how far each partition of a topic was written, so
 * that a record that comes again is recognised: each is there once, as long as Redis keeps what it has taken. Records of other sources have no offsets, and
 * are there at least once.
 *
 * @throws {BusError} `invalid_options`
 */
export function redisStreamSink<T>(options: RedisStreamSinkOptions<T>): Sink<T> {
  const resolved = resolveOptions("redisStreamSink", redisStreamSinkOptions, options);
  return {
    name: "redis-stream",
    batching: { by: "partition" },
    concurrency: 4,
    async check(context) {
      const { stream } = resolved;
      if (typeof stream !== "string") return;
      const connection = await openConnection(resolved, context);
      try {
        const type = await connection.command(stream, ["TYPE", stream]);
        if (!["stream", "none"].includes(String(type)))
          throw new BusError("invalid_options", `the key ${stream} holds a ${type}, stream must name a stream`);
      } catch (cause) {
        throw redisError("the sink cannot write", cause);
      } finally {
        await connection.close();
      }
    },
    checkRecord(record) {
      const prepared = toEntry(record, resolved);
      if ("failure" in prepared) throw prepared.failure.error;
    },
    open: (context) => openWriter<T>(resolved, context),
  };
}

async function openWriter<T>(options: ResolvedStreamSinkOptions, context: ConnectorContext): Promise<SinkWriter<T>> {
  const holder = new WriterConnection(options, context);
  await holder.ready();
  return {
    async write(records) {
      const entries = records.map((record) => toEntry(record, options));
      const connection = await holder.ready();
      const outcomes = await addEntries(connection, entries, options, context);
      return holder.replicated(connection, outcomes);
    },
    close: () => holder.close(),
  };
}

interface Entry {
  readonly record: ConnectRecord<unknown>;
  readonly stream: string;
  readonly fields: Fields;
}

type Prepared = Entry | { readonly failure: Extract<WriteOutcome, { readonly status: "rejected" }> };

function toEntry(record: ConnectRecord<unknown>, { stream, fields }: ResolvedStreamSinkOptions): Prepared {
  // the caller's functions take the records that this sink gets
  const given = record as ConnectRecord<never>;
  try {
    const all =
      fields === undefined ? [...fieldsOf(record.value, record.contract), ...headerFields(record.headers, record.context)] : fieldsOf(fields(given));
    if (all.length === 0) throw new BusError("malformed_message", "has no field that is set, and Redis has no entry without one");
    return { record, stream: typeof stream === "string" ? stream : stream(given), fields: all };
  } catch (cause) {
    return { failure: { status: "rejected", error: new BusError("malformed_message", `${record.id} ${messageOf(cause)}`, { cause }) } };
  }
}

/** Each stream gets its entries in one step. In one with a failure nothing is added behind it, lest its offset be passed. */
async function addEntries(
  connection: RedisConnection,
  entries: readonly Prepared[],
  options: ResolvedStreamSinkOptions,
  context: ConnectorContext,
): Promise<readonly WriteOutcome[]> {
  const streams = Map.groupBy(
    entries.filter((entry) => "stream" in entry),
    ({ stream }) => stream,
  );
  const outcomes = new Map<Prepared, WriteOutcome>();
  const adding = [...streams].map(async ([stream, ofStream]) => {
    const done = await addTo(connection, stream, ofStream, options, context);
    for (const [index, entry] of ofStream.entries()) outcomes.set(entry, done[index] ?? written);
  });
  await Promise.all(adding);
  return entries.map((entry) => ("failure" in entry ? entry.failure : (outcomes.get(entry) ?? written)));
}

async function addTo(
  connection: RedisConnection,
  stream: string,
  entries: readonly Entry[],
  { maxLength, deduplicate }: ResolvedStreamSinkOptions,
  { connector, logger }: ConnectorContext,
): Promise<readonly WriteOutcome[]> {
  const origin = deduplicate ? entries[0]?.record.origin : undefined;
  // two connectors may write the same partition to one stream
  const partition = origin === undefined ? "" : `${connector}/${origin.topic}[${origin.partition}]`;
  const args = entries.flatMap(({ record, fields }) => [
    origin === undefined ? "0" : offsetText(record),
    String(fields.length * 2),
    ...fields.flatMap(([name, value]) => [name, typeof value === "string" ? value : Buffer.from(value)]),
  ]);
  try {
    const reply = await add.run(connection, [stream, offsetsKey(stream)], [String(maxLength ?? 0), partition, ...args]);
    const [done, repeats, failure] = Array.isArray(reply) ? reply : [];
    if (typeof repeats === "number" && repeats > 0) {
      const text = `${repeats} records were in ${stream} already and are not added again: ${offsetsKey(stream)} says so, remove ${partition} there to repeat them`;
      logger.warn({ stream, partition, records: repeats }, text);
    }
    if (String(failure) === "") return entries.map(() => written);
    const cause = new ErrorReply(String(failure));
    return entries.map(({ record }, index) => (index < Number(done) ? written : failedOutcome(`${record.id} cannot be added to ${stream}`, cause)));
  } catch (cause) {
    return entries.map(({ record }) => failedOutcome(`${record.id} cannot be added to ${stream}`, cause));
  }
}
