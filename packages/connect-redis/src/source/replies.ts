import type { Reply } from "../connection/redis-connection.js";
import type { RedisEntry } from "./entry.js";

/*
 * What Redis answers, as it is meant. It answers in arrays of arrays, of which the documentation of each command says what they are.
 */

export const isList = (reply: Reply | undefined): reply is readonly Reply[] => Array.isArray(reply);

/** A list, empty for what is none. */
export const listOf = (reply: Reply | undefined): readonly Reply[] => (isList(reply) ? reply : []);

export const textOf = (reply: Reply | undefined): string => (reply === null || reply === undefined || isList(reply) ? "" : reply.toString());

/** Names and values that follow each other, as a map. */
export function pairsOf(reply: Reply | undefined): ReadonlyMap<string, Reply> {
  const items = listOf(reply);
  const pairs = new Map<string, Reply>();
  for (let index = 0; index + 1 < items.length; index += 2) pairs.set(textOf(items[index]), items[index + 1] ?? null);
  return pairs;
}

/** Entries, and the ids of those of which only the id is left: they were trimmed or deleted. */
export interface Entries {
  readonly entries: readonly RedisEntry[];
  readonly gone: readonly string[];
}

/** Of `[[id, [name, value …]], [id, nil] …]`. */
export function entriesOf(stream: string, reply: Reply | undefined): Entries {
  const entries: RedisEntry[] = [];
  const gone: string[] = [];
  for (const item of listOf(reply)) {
    const [id, values] = listOf(item);
    // XAUTOCLAIM of Redis 6 answers nil for one that is gone
    if (id === undefined || id === null) continue;
    if (!isList(values)) gone.push(textOf(id));
    else entries.push({ stream, id: textOf(id), fields: fieldsOf(values) });
  }
  return { entries, gone };
}

function fieldsOf(values: readonly Reply[]): ReadonlyMap<string, Buffer> {
  const fields = new Map<string, Buffer>();
  for (const [name, value] of pairsOf(values)) if (Buffer.isBuffer(value)) fields.set(name, value);
  return fields;
}
