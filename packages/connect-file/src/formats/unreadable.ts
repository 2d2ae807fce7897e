import type { UnreadableRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";

/** A row that is none: `people.ndjson:3 is not JSON`. */
export function unreadable(name: string, number: number, cause: unknown, original: Uint8Array): UnreadableRecord {
  const id = `${name}:${number}`;
  const options = cause instanceof BusError ? { violations: cause.violations, cause } : { cause };
  // its own copy: what it was cut from is the chunk that was read
  return { id, error: new BusError("malformed_message", `${id} ${messageOf(cause)}`, options), original: Uint8Array.from(original) };
}
