import type { Position } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { lsnText, parseLsn } from "./lsn.js";

/**
 * How far changes have been read. They come transaction by transaction, in the order of their commits: everything of transactions that committed before `lsn`
 * is behind this place, and of the one that committed at `lsn` the first `changes` changes.
 */
export interface Place {
  readonly lsn: bigint;
  readonly changes: number;
}

/** Whether `place` lies behind or at `other`: a change that ends there has been read when reading goes on from `other`. */
export const isReached = (place: Place, other: Place): boolean =>
  place.lsn < other.lsn || (place.lsn === other.lsn && place.changes <= other.changes);

/** As a connector stores it. */
export const storedPlace = ({ lsn, changes }: Place): { readonly lsn: string; readonly changes: number } => ({ lsn: lsnText(lsn), changes });

/** @throws {BusError} `invalid_options` for a position of another kind of source */
export function placeOf(position: Position): Place {
  const { lsn, changes } = Object(position) as { readonly lsn?: unknown; readonly changes?: unknown };
  if (typeof lsn !== "string" || !/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/.test(lsn) || !Number.isSafeInteger(changes)) {
    throw new BusError("invalid_options", `the stored position ${JSON.stringify(position)} is not one in a log of PostgreSQL, alter or clear it`);
  }
  return { lsn: parseLsn(lsn), changes: changes as number };
}
