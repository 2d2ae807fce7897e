import type { RedisConnection } from "../connection/redis-connection.js";
import type { RedisEntry } from "./entry.js";
import { entriesOf, listOf, pairsOf, textOf } from "./replies.js";

/** The entries that a group has not been given yet, without giving them to it. `start` says where one begins that is not there. */
export async function* peek(
  connection: RedisConnection,
  { stream, group, start, count }: { readonly stream: string; readonly group: string; readonly start: "earliest" | "latest"; readonly count: number },
): AsyncGenerator<readonly RedisEntry[]> {
  if (textOf(await connection.command(stream, ["TYPE", stream])) === "none") return;
  const groups = listOf(await connection.command(stream, ["XINFO", "GROUPS", stream])).map(pairsOf);
  const found = groups.find((each) => textOf(each.get("name")) === group);
  if (found === undefined && start === "latest") return;
  let last = found === undefined ? "0-0" : textOf(found.get("last-delivered-id"));
  for (;;) {
    const { entries } = entriesOf(stream, await connection.command(stream, ["XRANGE", stream, `(${last}`, "+", "COUNT", `${count}`]));
    if (entries.length === 0) return;
    yield entries;
    last = entries.at(-1)?.id ?? last;
  }
}
