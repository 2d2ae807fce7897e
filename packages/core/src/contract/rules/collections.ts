import { describeCount } from "./counts.js";
import type { Faults } from "./faults.js";
import { mapSize } from "./structure.js";

export function minItems(faults: Faults, path: string, value: readonly unknown[], min: number): void {
  if (value.length < min) faults.add(path, "repeated.min_items", `must have at least ${describeCount(min, "item")}`, String(value.length));
}

export function maxItems(faults: Faults, path: string, value: readonly unknown[], max: number): void {
  if (value.length > max) faults.add(path, "repeated.max_items", `must have at most ${describeCount(max, "item")}`, String(value.length));
}

/** No two items are the same: numbers and text by value (no NaN equals another), bytes by content. */
export function uniqueItems(faults: Faults, path: string, value: readonly unknown[]): void {
  const seen = new Set<unknown>();
  for (const item of value) {
    const identity = item instanceof Uint8Array ? Buffer.from(item.buffer, item.byteOffset, item.length).toString("latin1") : item;
    if (Number.isNaN(identity)) continue;
    if (seen.has(identity)) {
      faults.add(path, "repeated.unique", "must have no item twice");
      return;
    }
    seen.add(identity);
  }
}

export function minPairs(faults: Faults, path: string, value: unknown, min: number): void {
  const size = mapSize(value);
  if (size < min) faults.add(path, "map.min_pairs", `must have at least ${describePairs(min)}`, String(size));
}

export function maxPairs(faults: Faults, path: string, value: unknown, max: number): void {
  const size = mapSize(value);
  if (size > max) faults.add(path, "map.max_pairs", `must have at most ${describePairs(max)}`, String(size));
}

const describePairs = (count: number): string => `${count} ${count === 1 ? "entry" : "entries"}`;
