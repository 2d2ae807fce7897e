import { randomBytes } from "node:crypto";
import type { ConnectRecord } from "@org/bus-connect";

/** What goes into the same parts, one behind the other: a partition of a topic in a span of time. */
export interface Lane {
  /** Ends with `/`, or is empty. */
  readonly folder: string;
  /** What the names of its parts begin with. */
  readonly prefix: string;
}

export const spans = ["none", "day", "hour"] as const;
/** How long the spans of time are that have folders of their own, in UTC. */
export type Span = (typeof spans)[number];

/** The lane of a record: `orders/date=2026-11-28/hour=16/orders-00003-`. */
export function laneOf({ origin, timestamp }: ConnectRecord<unknown>, span: Span): Lane {
  const folder = origin === undefined ? timeFolder(timestamp, span) : `${origin.topic}/${timeFolder(timestamp, span)}`;
  return { folder, prefix: origin === undefined ? "records-" : `${origin.topic}-${String(origin.partition).padStart(5, "0")}-` };
}

function timeFolder(timestamp: number | undefined, span: Span): string {
  if (span === "none") return "";
  const iso = timestamp === undefined ? undefined : new Date(timestamp).toISOString();
  const day = `date=${iso?.slice(0, 10) ?? "unknown"}/`;
  return span === "day" ? day : `${day}hour=${iso?.slice(11, 13) ?? "unknown"}/`;
}

/**
 * The name of the part that begins with a record: by its offset, so that a repeat gets the same name; by `repeat` where an earlier part ends with the same
 * offset. A record without an offset begins a part of a new name.
 */
export function partName({ prefix }: Lane, offset: number | undefined, repeat: number, extension: string, nowMs: number): string {
  if (offset === undefined) return `${prefix}${new Date(nowMs).toISOString().replace(/[-:.]/g, "")}-${randomBytes(6).toString("hex")}${extension}`;
  return `${prefix}${String(offset).padStart(16, "0")}${repeat === 0 ? "" : `_${repeat}`}${extension}`;
}

/** The offset that a part begins with. */
export function offsetOfName(lane: Lane, name: string): number | undefined {
  const digits = /^(\d{16})[_.]/.exec(name.slice(lane.prefix.length))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
