import type { ConnectRecord, Sink } from "@org/bus-connect";
import { resolveOptions } from "@org/bus-core/internal";
import { Script } from "../connection/script.js";
import { textOf } from "../fields.js";
import { type RedisKeySinkOptions, redisKeySinkOptions } from "./options.js";
import { DELETE_KEY, SET_KEY } from "./scripts.js";
import { upsertSink } from "./upsert-writer.js";

const set = new Script(SET_KEY);
const remove = new Script(DELETE_KEY);

/**
 * Keeps the newest message of each key as a string. A record without a value (a tombstone) removes the key. A repeat overwrites itself.
 *
 * @throws {BusError} `invalid_options`
 */
export function redisKeySink<T>(options: RedisKeySinkOptions<T>): Sink<T> {
  const resolved = resolveOptions("redisKeySink", redisKeySinkOptions, options);
  const args = (record: ConnectRecord<unknown>): readonly (string | Buffer)[] => {
    const content = resolved.content === undefined ? textOf(record.value, record.contract) : resolved.content(record as ConnectRecord<never>);
    return [typeof content === "string" ? content : Buffer.from(content)];
  };
  return upsertSink({ name: "redis-key", set, remove, args }, resolved);
}
