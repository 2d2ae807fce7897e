import type { ConnectRecord, Source, SourceBatch, SourceContext, Split, UnreadableRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { redisError } from "../connection/errors.js";
import { openConnection } from "../connection/open-connection.js";
import type { RedisEntry } from "./entry.js";
import { EntryReader } from "./entry-reader.js";
import { GroupConsumer } from "./group.js";
import { InFlight } from "./in-flight.js";
import { type RedisStreamSourceOptions, type ResolvedRedisStreamSourceOptions, redisStreamSourceOptions } from "./options.js";
import { peek } from "./peek.js";
import { readEntry } from "./read-entry.js";

/**
 * Reads streams as a consumer group. An entry is acknowledged after its record has been written; what a crash interrupts comes again first, in order, for
 * the consumer of a split has the same name in every process. The id of a record is the key of the stream with the id of the entry.
 *
 * Order: that of the stream, as long as one consumer reads it. What is taken over from another consumer of the group comes late.
 *
 * @typeParam T what `schema` makes of an entry; without a schema what the caller knows of it
 * @throws {BusError} `invalid_options`
 */
export function redisStreamSource<T = Readonly<Record<string, string>>>(options: RedisStreamSourceOptions): Source<T> {
  const resolved = resolveOptions("redisStreamSource", redisStreamSourceOptions, options);
  const { consumers } = resolved;
  const streams = [resolved.streams].flat();
  /** Splits whose group was there: where it is missing later, entries may be too. */
  const known = new Set<string>();
  return {
    name: "redis-stream",
    replayable: false,
    async splits() {
      return streams.flatMap((stream): readonly Split[] => {
        if (consumers === 1) return [{ id: stream, settings: { stream } }];
        return Array.from({ length: consumers }, (_, index) => ({ id: `${stream}#${index}`, settings: { stream } }));
      });
    },
    async check(context) {
      const connection = await openConnection(resolved, context);
      try {
        for (const stream of streams) {
          const type = await connection.command(stream, ["TYPE", stream]);
          if (!["stream", "none"].includes(String(type)))
            throw new BusError("invalid_options", `the key ${stream} holds a ${type}, streams must name streams`);
        }
      } catch (cause) {
        throw redisError("the streams cannot be read", cause);
      } finally {
        await connection.close();
      }
    },
    read: (context) => (context.readOnly === true ? peekStream<T>(resolved, context) : readStream<T>(resolved, known, context)),
  };
}

async function* readStream<T>(options: ResolvedRedisStreamSourceOptions, known: Set<string>, context: SourceContext): AsyncIterable<SourceBatch<T>> {
  const { split, signal, connector } = context;
  const stream = streamOf(split);
  const connection = await openConnection(options, context);
  const waiting = await openConnection(options, context).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const stop = (): void => waiting.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const group = new GroupConsumer({ stream, group: options.group ?? connector, consumer: `${connector}/${split.id}` }, connection, waiting);
  const inFlight = new InFlight(group, options.claimAfterMs / 3, context);
  try {
    const reader = new EntryReader(group, { ...options, stream, isKnown: known.has(split.id) }, context);
    for (;;) {
      const { entries, deliveries } = await reader.next();
      known.add(split.id);
      if (signal.aborted) return;
      if (entries.length > 0) yield toBatch<T>(entries, deliveries, group, inFlight, options);
    }
  } catch (cause) {
    throw redisError(`the stream ${stream} cannot be read`, cause);
  } finally {
    signal.removeEventListener("abort", stop);
    inFlight.stop();
    waiting.destroy();
    await connection.close().catch(() => {});
  }
}

/** For a dry run: a group that has been given an entry would not be given it again. */
async function* peekStream<T>(options: ResolvedRedisStreamSourceOptions, context: SourceContext): AsyncIterable<SourceBatch<T>> {
  const stream = streamOf(context.split);
  const connection = await openConnection(options, context);
  try {
    const { group = context.connector, start, maxRecords } = options;
    for await (const entries of peek(connection, { stream, group, start, count: maxRecords })) yield recordsOf<T>(entries, new Map(), options);
  } catch (cause) {
    throw redisError(`the stream ${stream} cannot be read`, cause);
  } finally {
    await connection.close().catch(() => {});
  }
}

function streamOf({ id, settings }: Split): string {
  if (settings !== null && typeof settings === "object" && !Array.isArray(settings) && typeof settings.stream === "string") return settings.stream;
  throw new BusError("invalid_options", `the split ${id} names no stream`);
}

function toBatch<T>(
  entries: readonly RedisEntry[],
  deliveries: ReadonlyMap<string, number>,
  group: GroupConsumer,
  inFlight: InFlight,
  options: ResolvedRedisStreamSourceOptions,
): SourceBatch<T> {
  const ids = entries.map(({ id }) => id);
  inFlight.add(ids);
  return {
    ...recordsOf<T>(entries, deliveries, options),
    async acknowledge() {
      try {
        await group.acknowledge(ids);
      } catch (cause) {
        throw redisError("entries cannot be acknowledged, they come again", cause);
      } finally {
        inFlight.remove(ids);
      }
    },
    // Redis has no way to give an entry back: this consumer gets it again when it starts again
    release: () => inFlight.remove(ids),
  };
}

function recordsOf<T>(
  entries: readonly RedisEntry[],
  deliveries: ReadonlyMap<string, number>,
  options: ResolvedRedisStreamSourceOptions,
): Pick<SourceBatch<T>, "records" | "unreadable"> {
  const records: ConnectRecord<T>[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const entry of entries) {
    const read = readEntry<T>(entry, deliveries.get(entry.id) ?? 1, options);
    if ("record" in read) records.push(read.record);
    else unreadable.push(read.unreadable);
  }
  return { records, ...(unreadable.length > 0 && { unreadable }) };
}
