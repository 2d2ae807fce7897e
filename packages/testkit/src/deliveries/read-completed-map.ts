import { inflateRawSync } from "node:zlib";
import type { CommittedOffset } from "@org/bus-core";
import type { EventOf } from "./event.js";

/** Reads what the metadata of a commit says is settled beyond its offset. */
export type ReadCompleted = (committed: CommittedOffset) => ReadonlySet<number>;

/**
 * Reads the completed map of this library: `bus1`, a letter (`r` runs, `b` bits, in upper case where compressed), and in base64 the committed offset and the
 * runs or bits from there on. Written from its description, so that it can find its writer wrong. Metadata of others tells of nothing.
 */
export const readCompletedMap: ReadCompleted = ({ offset, metadata }) => {
  const [, form, body] = /^bus1([rRbB])([A-Za-z0-9+/=]+)$/.exec(metadata) ?? [];
  if (form === undefined || body === undefined) return new Set();
  const bytes = [...Buffer.from(body, "base64")];
  if (nextNumber(bytes) !== offset) return new Set();
  const content = form === form.toUpperCase() ? [...inflateRawSync(Uint8Array.from(bytes))] : bytes;
  return new Set(form.toLowerCase() === "r" ? offsetsOfRuns(offset, content) : offsetsOfBits(offset, content));
};

/**
 * What an assignment need not handle, by the commit that it goes on from. One that begins before it, since the log ends there, knows nothing: its
 * offsets are other records.
 */
export function settledBefore({ position, committed }: EventOf<"assigned">, completed: ReadCompleted): ReadonlySet<number> {
  return committed !== undefined && committed.offset <= position ? completed(committed) : new Set();
}

/** Takes a base-128 number, lowest digits first, off the front. */
function nextNumber(bytes: number[]): number {
  let [value, place] = [0, 1];
  for (let byte = bytes.shift(); byte !== undefined; byte = bytes.shift()) {
    value += (byte % 128) * place;
    place *= 128;
    if (byte < 128) break;
  }
  return value;
}

/** Open, settled, open, settled …: how many of each. */
function* offsetsOfRuns(first: number, bytes: number[]): Iterable<number> {
  let at = first;
  for (let settled = false; bytes.length > 0; settled = !settled) {
    const end = at + nextNumber(bytes);
    for (; at < end; at++) if (settled) yield at;
  }
}

/** One bit for each offset, the lowest of a byte first. */
function* offsetsOfBits(first: number, bytes: readonly number[]): Iterable<number> {
  for (const [index, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) if ((byte >> bit) % 2 === 1) yield first + 8 * index + bit;
  }
}
