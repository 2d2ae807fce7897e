import type { ConnectRecord, Sink } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { Script } from "../connection/script.js";
import { fieldsOf } from "../fields.js";
import { type RedisHashSinkOptions, redisHashSinkOptions } from "./options.js";
import { DELETE_HASH, REPLACE_HASH } from "./scripts.js";
import { upsertSink } from "./upsert-writer.js";

const set = new Script(REPLACE_HASH);
const remove = new Script(DELETE_HASH);

/**
 * Keeps the newest message of each key as a hash: a field for each field of the message, and none that it does not have. A record without a value
 * (a tombstone) removes the hash. A repeat overwrites itself.
 *
 * @throws {BusError} `invalid_options`
 */
export function redisHashSink<T>(options: RedisHashSinkOptions<T>): Sink<T> {
  const resolved = resolveOptions("redisHashSink", redisHashSinkOptions, options);
  const args = (record: ConnectRecord<unknown>): readonly (string | Buffer)[] => {
    const own = resolved.fields === undefined ? fieldsOf(record.value, record.contract) : fieldsOf(resolved.fields(record as ConnectRecord<never>));
    const fields = own.flatMap(([name, content]) => [name, typeof content === "string" ? content : Buffer.from(content)]);
    if (fields.length === 0) throw new BusError("malformed_message", "has no field that is set, and Redis has no hash without one");
    return fields;
  };
  return upsertSink({ name: "redis-hash", set, remove, args }, resolved);
}
