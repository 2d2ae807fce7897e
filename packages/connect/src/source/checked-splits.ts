import { BusError } from "@org/bus-core";
import type { Split } from "./source.js";

/**
 * What a source has answered for its splits.
 *
 * @throws {BusError} `invalid_options` for what is no list of splits, and for two with one id: positions are stored by it
 */
export function checkedSplits(source: string, splits: readonly Split[] | undefined): readonly Split[] {
  const refuse = (fault: string) => new BusError("invalid_options", `splits of source ${source}: ${fault}`);
  // in plain JavaScript it may be anything
  if (splits === undefined || !Array.isArray(splits)) throw refuse(`must be a list, not ${typeof splits}`);
  const ids = new Set<string>();
  for (const [index, split] of splits.entries()) {
    const id: unknown = split?.id;
    if (typeof id !== "string") throw refuse(`the one at ${index} has no id; give each a text that stays the same`);
    if (ids.has(id)) throw refuse(`two have the id ${id}; give each its own`);
    ids.add(id);
  }
  return splits;
}
