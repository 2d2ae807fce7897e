import type { Position } from "@org/bus-connect";
import type { JsonValue } from "@org/bus-core";
import { type Place, placeOf, storedPlace } from "../replication/place.js";

/** How far a snapshot of a table has come. */
export interface ChunkPlace {
  /** `public.orders` */
  readonly table: string;
  /** Values of the primary key of the last row that is behind it; undefined: before the first. */
  readonly after: readonly string[] | undefined;
  /** Rows that are behind it. */
  readonly done: number;
}

/** How far a database has been captured. */
export interface CapturePlace {
  readonly place: Place;
  /** Tables of which all rows have been read. */
  readonly snapshotted: readonly string[];
  readonly chunk: ChunkPlace | undefined;
  /** The last transactions that were read and that the last chunk may not have seen yet. */
  readonly unseen: readonly number[];
}

export function storedCapture({ place, snapshotted, chunk, unseen }: CapturePlace): Position {
  return {
    ...storedPlace(place),
    snapshotted: [...snapshotted],
    ...(chunk !== undefined && {
      chunk: { table: chunk.table, done: chunk.done, ...(chunk.after !== undefined && { after: [...chunk.after] }) },
      unseen: unseen.slice(-MAX_UNSEEN),
    }),
  } satisfies Record<string, JsonValue>;
}

/** Those that are older have become visible while the others were read. */
const MAX_UNSEEN = 100;

export function captureOf(position: Position): CapturePlace {
  const stored = Object(position) as Partial<Record<"snapshotted" | "unseen", unknown>> & { readonly chunk?: ChunkPlace };
  return {
    place: placeOf(position),
    snapshotted: Array.isArray(stored.snapshotted) ? stored.snapshotted.map(String) : [],
    chunk: stored.chunk,
    unseen: Array.isArray(stored.unseen) ? stored.unseen.map(Number) : [],
  };
}
