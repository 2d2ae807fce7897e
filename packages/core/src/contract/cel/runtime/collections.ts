import { EvaluationError } from "./evaluation-error.js";
import { equals } from "./values.js";

/** A map as it may be published: where keys are strings, also a plain object. */
export type AnyMap<K, V> = ReadonlyMap<K, V> | Readonly<Record<string, V>>;

export const lengthOf = (value: { readonly length: number }): number => value.length;
export const sizeOfMap = (map: object): number => (map instanceof Map ? map.size : Object.keys(map).length);

/** Whether a list, a map or bytes hold anything. */
export function isFilled(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Map) return value.size > 0;
  return Array.isArray(value) || value instanceof Uint8Array ? value.length > 0 : Object.keys(value).length > 0;
}

export function itemAt<T>(list: readonly T[], index: number | bigint): T {
  const at = Number(index);
  if (at >= 0 && at < list.length) return list[at] as T;
  throw new EvaluationError(`there is no item ${index} in a list of ${list.length}`);
}

export function lookup<K, V>(map: AnyMap<K, V>, key: K | string | number | bigint | boolean): V {
  if (hasKey(map, key)) return (map instanceof Map ? map.get(key) : Reflect.get(map, String(key))) as V;
  throw new EvaluationError("there is no such key in the map");
}

export const hasKey = (map: object, key: unknown): boolean =>
  map instanceof Map ? map.has(key) : Object.prototype.propertyIsEnumerable.call(map, String(key));

export const keysOf = <K>(map: AnyMap<K, unknown>): readonly K[] => (map instanceof Map ? [...map.keys()] : (Object.keys(map) as never));

export const convertItems = <T, U>(list: readonly T[], convert: (item: T) => U): readonly U[] => list.map((item) => convert(item));

export function convertValues<K, T, U>(map: AnyMap<K, T>, convert: (value: T) => U): ReadonlyMap<K, U> {
  const entries: Iterable<readonly [K, T]> = map instanceof Map ? map : (Object.entries(map) as never);
  return new Map(Array.from(entries, ([key, value]) => [key, convert(value)]));
}

export const joinLists = <T, U>(left: readonly T[], right: readonly U[]): readonly (T | U)[] => [...left, ...right];

/** Whether `list` holds `value`, both of one plain type: by `===`, so NaN is in no list. */
export const includes = (list: readonly unknown[], value: unknown): boolean => list.indexOf(value) !== -1;

export const includesEqual = (list: readonly unknown[], value: unknown): boolean => list.some((item) => equals(item, value));

/** Whether no item comes twice. */
export function isUnique(list: readonly unknown[]): boolean {
  const seen = new Set<unknown>();
  for (const item of list) {
    const identity = item instanceof Uint8Array ? Buffer.from(item).toString("latin1") : item;
    if (Number.isNaN(identity)) continue;
    if (seen.has(identity)) return false;
    seen.add(identity);
  }
  return true;
}
