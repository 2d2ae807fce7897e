import type { ConnectRecord } from "@org/bus-connect";

/** Where it stands how far each partition is in `stream`; in a cluster both are in one slot. */
export function offsetsKey(stream: string): string {
  return /\{[^{}]+\}/.test(stream) ? `${stream}:offsets` : `{${stream}}:offsets`;
}

/** The offset of a record of a topic, and which it is of those that were made of it: `17`, `17.0`. */
export function offsetText({ id, origin }: Pick<ConnectRecord<unknown>, "id" | "origin">): string {
  const [, suffix = ""] = /((?:#\d+)*)$/.exec(id) ?? [];
  return `${origin?.offset ?? 0}${suffix.replaceAll("#", ".")}`;
}
