/** The entries of a map in either form in which it may be published. */
export function entriesOf<K, V>(map: ReadonlyMap<K, V> | Readonly<Record<string, V>>): Iterable<readonly [K, V]>;
export function entriesOf(map: ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>): Iterable<readonly [unknown, unknown]> {
  return map instanceof Map ? map : Object.entries(map);
}
